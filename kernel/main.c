// SPDX-License-Identifier: GPL-2.0
/*
 * procmig: preemptive process migration on unpatched kernels.
 *
 * Documentation/design.rst is the map; this file only puts the parts together. They come up in the
 * order in which they need each other and go down in reverse.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/module.h>
#include "compat.h"
#include "hooks.h"
#include "keep.h"
#include "link.h"
#include "mem.h"
#include "netlink.h"
#include "nursery.h"
#include "proc.h"
#include "procfs.h"
#include "promise.h"

static void pm_rcu_tasks(void)
{
	/* whoever has dropped his last hold of the module may still be on his way out of it */
	synchronize_rcu_tasks();
}

static const struct pm_part {
	int (*init)(void);
	void (*exit)(void);
} pm_parts[] = {
	{ pm_compat_init, pm_rcu_tasks },
	{ pm_thread_init, pm_thread_exit },
	{ pm_regs_init, pm_regs_exit },
	{ pm_hooks_init, pm_hooks_exit },
	{ pm_keep_init, pm_keep_exit },
	{ pm_promise_init, pm_promise_exit },
	{ pm_mem_init, pm_mem_exit },
	{ pm_procs_init, pm_procs_exit },
	{ pm_nursery_init, pm_nursery_exit },
	{ pm_links_init, pm_links_exit },
	{ pm_netlink_init, pm_netlink_exit },
	{ pm_procfs_init, pm_procfs_exit },
};

static void pm_parts_exit(int n)
{
	while (n--)
		pm_parts[n].exit();
}

static int __init pm_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(pm_parts); i++) {
		err = pm_parts[i].init ? pm_parts[i].init() : 0;
		if (err) {
			pm_parts_exit(i);
			return err;
		}
	}
	return 0;
}

static void __exit pm_exit(void)
{
	pm_parts_exit(ARRAY_SIZE(pm_parts));
}

module_init(pm_init);
module_exit(pm_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Preemptive process migration");
MODULE_VERSION("0.1");
