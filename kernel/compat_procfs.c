// SPDX-License-Identifier: GPL-2.0
/*
 * fs/proc/base.c keeps its table of the files in /proc/PID to itself. This file
 * knows how the table is laid out, and proves at load that the running kernel
 * agrees: each entry must name a file of a sane type, and the well-known ones
 * must be where they belong. Otherwise the module does not load.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "compat_procfs.h"

#define PM_PID_NAME_MAX		32	/* longer than any name in the table */

static_assert(sizeof(struct pm_pid_entry) == 40);

/* Is this an entry of the table? Reads nothing that may fault. */
static bool pm_pid_entry_ok(const struct pm_pid_entry *entry)
{
	char name[PM_PID_NAME_MAX];
	umode_t type = entry->mode & S_IFMT;

	if (!entry->len || entry->len >= sizeof(name))
		return false;
	if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK)
		return false;
	if (copy_from_kernel_nofault(name, entry->name, entry->len + 1))
		return false;
	return strnlen(name, entry->len + 1) == entry->len;
}

static const struct pm_pid_entry *pm_pid_entry_find(const struct pm_pid_table *table,
						    const char *name)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		if (!strcmp(table->copy[i].name, name))
			return &table->copy[i];
	return NULL;
}

static bool pm_pid_table_ok(struct pm_pid_table *table)
{
	const struct pm_pid_entry *status;

	if (table->nr < 2 || strcmp(table->copy[0].name, "task") ||
	    strcmp(table->copy[1].name, "fd"))
		return false;
	status = pm_pid_entry_find(table, "status");
	if (!status || !S_ISREG(status->mode) || !status->fop || !status->show)
		return false;
	table->single = status->fop;
	return true;
}

struct pid *pm_procfs_pid(struct inode *inode)
{
	/* what the kernel asks of a directory /proc/PID, to which only this tells whose it is */
	const struct file dir = { .f_op = pm_proc_tgid_base_operations(), .f_inode = inode };

	return pm_tgid_pidfd_to_pid(&dir);
}

int pm_pid_table_get(struct pm_pid_table *table)
{
	struct pm_pid_entry *entry;
	unsigned long size;
	unsigned int max;

	table->base = (void *)pm_symbol("tgid_base_stuff");
	table->dir = (void *)pm_symbol("proc_tgid_base_inode_operations");
	if (!table->base || !table->dir) {
		pr_err("this kernel has no symbol %s: cannot load\n", table->base ?
		       "proc_tgid_base_inode_operations" : "tgid_base_stuff");
		return -ENOENT;
	}

	/* The size includes what the linker put behind the table to align the next symbol. */
	size = pm_symbol_size((unsigned long)table->base);
	max = size / sizeof(*table->base);
	table->copy = kcalloc(max + 1, sizeof(*table->copy), GFP_KERNEL);
	if (!table->copy)
		return -ENOMEM;
	for (table->nr = 0; table->nr < max; table->nr++) {
		entry = &table->copy[table->nr];
		/* what is behind the table may be a red zone of KASAN */
		if (copy_from_kernel_nofault(entry, &table->base[table->nr], sizeof(*entry)) ||
		    !pm_pid_entry_ok(entry))
			break;
	}
	memset(&table->copy[table->nr], 0, sizeof(*table->copy));

	if (!pm_pid_table_ok(table)) {
		pr_err("the table of /proc/PID does not look as expected: cannot load\n");
		goto free_copy;
	}
	if (pm_pid_entry_find(table, "migrate")) {
		pr_err("this kernel has a /proc/PID/migrate of its own: cannot load\n");
		goto free_copy;
	}
	return 0;

free_copy:
	kfree(table->copy);
	table->copy = NULL;
	return -EPROTO;
}
