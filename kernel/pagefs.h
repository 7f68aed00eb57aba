/* SPDX-License-Identifier: GPL-2.0 */
/* The inodes of pagefs.c, and who drops their pages (changed.c). */
#ifndef PM_PAGEFS_H
#define PM_PAGEFS_H

#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/rwsem.h>
#include "space.h"

/** struct pm_pagefs_key - identity of an inode */
struct pm_pagefs_key {
	u32 home;
	struct pm_file_ident ident;
};

/**
 * struct pm_pagefs_inode - private data of an inode
 * @key: its identity; of its file this is the state when it came into being
 * @change: number of the last change that was told, under the lock of the hash of inodes
 * @copying: held for reading while a page is copied to another place, for writing while all are
 *	dropped; nobody waits for the network under it
 */
struct pm_pagefs_inode {
	struct pm_pagefs_key key;
	u64 change;
	struct rw_semaphore copying;	/* see above */
};

extern struct vfsmount *pm_pagefs_mnt;

/* The number of the last change. Any context. */
static inline u64 pm_pagefs_change(const struct inode *inode)
{
	const struct pm_pagefs_inode *our = inode->i_private;

	return READ_ONCE(our->change);
}

#endif
