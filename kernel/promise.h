/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Home promises each node that has pages of one of its files to tell it when the file changes. This
 * is the callback promise of AFS (Howard et al., "Scale and Performance in a Distributed File
 * System", 1988): given with the pages, broken once, given again with the next ones.
 */
#ifndef PM_PROMISE_H
#define PM_PROMISE_H

#include <linux/fsnotify_backend.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "mem_wire.h"

struct file;

/**
 * struct pm_promise - the promises for one inode: that of the name, on an overlay
 * @mark: of fsnotify; its references are those of the promise: one as long as there are @users, one
 *	while @work is queued or runs
 * @users: struct pm_promised
 * @nodes: by node id: it has been told (0), is promised (1), or it should have been told then
 *	(jiffies)
 * @changes: number of the last change
 * @grown: number of the last change by which one of @users has become longer
 * @told: number of the last change of which all have been told
 * @settled: ctime of the inode when it was changed last, if nobody was just writing to it
 * @late: somebody has waited in vain: nobody waits until all have been told
 * @work: tells them; holds the module
 *
 * All but @mark and @work under pm_promise_lock; @changes and @told are read without it.
 */
struct pm_promise {
	struct fsnotify_mark mark;
	struct list_head users;
	struct xarray nodes;
	u64 changes;
	u64 grown;
	u64 told;
	struct timespec64 settled;
	bool late;
	struct work_struct work;
};

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

/* ---- promise.c and promise_tell.c ---- */

/* Taken by writers, who hold locks of filesystems: in it nothing calls those, or waits for I/O. */
extern struct mutex pm_promise_lock;
/* Woken when pm_promise.told has changed. */
extern wait_queue_head_t pm_promise_wait;
/* pm_promise.work; it has a reference, and one to the module. */
void pm_promise_work(struct work_struct *work);

#endif
