/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Home promises each node that has pages of one of its files to tell it when the file changes. This
 * is the callback promise of AFS (Howard et al., "Scale and Performance in a Distributed File
 * System", 1988): given with the pages, broken once, given again with the next ones.
 */
#ifndef PM_PROMISE_H
#define PM_PROMISE_H

#include <linux/list.h>
#include <linux/types.h>

struct file;
struct pm_promise;

/**
 * struct pm_promised - a file that is mapped by processes elsewhere
 * @entry: in the list of @promise, under the lock of promise.c
 * @file: a reference
 * @promise: that of its inode
 * @dev: by which other nodes know it, see struct pm_file_ident
 * @ino: the same
 * @size: bytes at the last change, under the lock, as all that follow
 * @told: the size that was told last
 * @cut: the smallest size to which it has been cut since, or PM_NOT_CUT
 */
struct pm_promised {
	struct list_head entry;
	struct file *file;
	struct pm_promise *promise;
	u64 dev;
	u64 ino;
	u64 size;
	u64 told;
	u64 cut;
};

/*
 * pm_promised_new() - watch a file from now on, for whoever is given promises
 * Context: sleeps. Return: it, with a reference to @file; or ERR_PTR: -ENOMEM, or an
 * error of the filesystem.
 */
struct pm_promised *pm_promised_new(struct file *file);
/* Nobody elsewhere maps this one. Context: sleeps. */
void pm_promised_free(struct pm_promised *promised);
/*
 * pm_promise_give() - @node may have pages of it, or knows its size
 * To be given before these are read, and again after that: it may have been broken meanwhile.
 * Context: sleeps. Return: 0 or -ENOMEM.
 */
int pm_promise_give(struct pm_promised *promised, u32 node);

int pm_promise_init(void);
void pm_promise_exit(void);	/* no file is watched any more */

#endif
