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
struct vm_area_struct;

/**
 * struct pm_promise - the promises for one inode: that of the name, on an overlay
 * @mark: of fsnotify; its references are those of the promise: one as long as there are @users, one
 *	while @work is queued or runs
 * @users: struct pm_promised
 * @stores: in the list of promise_store.c, while the file is open for writing
 * @nodes: by node id: it has been told (0), is promised (1), or it should have been told then
 *	(jiffies)
 * @changes: number of the last change
 * @grown: number of the last change by which one of @users has become longer
 * @told: number of the last change of which all have been told
 * @maps: how often memory had been mapped to be written when it was changed last (promise_store.c)
 * @mapped: it was mapped to be written then
 * @late: somebody has waited in vain: nobody waits until all have been told
 * @work: tells them; holds the module
 *
 * All but @mark and @work under pm_promise_lock; @changes and @told are read without it.
 */
struct pm_promise {
	struct fsnotify_mark mark;
	struct list_head users;
	struct list_head stores;
	struct xarray nodes;
	u64 changes;
	u64 grown;
	u64 told;
	long maps;
	bool mapped;
	bool late;
	struct work_struct work;
};

/**
 * struct pm_promised - a file that is mapped by processes elsewhere
 * @entry: in the list of @promise, under the lock of promise.c
 * @file: a reference
 * @inode: that of its name, on an overlay; otherwise that of @file
 * @promise: that of @inode
 * @dev: by which other nodes know it, see struct pm_file_ident
 * @ino: the same
 * @settled: ctime of @file's inode at the last change, if nobody was just writing to it; under the
 *	lock, as all that follow
 * @size: bytes then
 * @told: the size that was told last
 * @cut: the smallest size to which it has been cut since, or PM_NOT_CUT
 */
struct pm_promised {
	struct list_head entry;
	struct file *file;
	struct inode *inode;
	struct pm_promise *promise;
	u64 dev;
	u64 ino;
	struct timespec64 settled;
	u64 size;
	u64 told;
	u64 cut;
};

/* A reference more, for fsnotify_put_mark() of its mark; the caller has one, or the lock. */
static inline void pm_promise_get(struct pm_promise *promise)
{
	refcount_inc(&promise->mark.refcnt);
}

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

/*
 * pm_stores_settle() - a process on @node is about to be told something from home
 *
 * What others have stored by now into files of which the node has pages will be seen there.
 * Context: sleeps, for PM_TOLD_WAIT at most: then a node does not answer.
 */
void pm_stores_settle(u32 node);

/*
 * pm_stores_mapping() - mmap() of shared memory, before there is an area
 * Context: any; in a hook.
 */
void pm_stores_mapping(const struct vm_area_struct *vma);

/* ---- between promise.c, promise_tell.c and promise_store.c ---- */

/* How long to wait for a node that does not answer. */
#define PM_TOLD_WAIT	(5 * HZ)

/* Has @node (0: any) pages of it? Under pm_promise_lock. */
bool pm_promise_given(struct pm_promise *promise, u32 node);
/*
 * Wait until all nodes have been told of @change, until jiffies are @end; gives up a reference.
 * Context: sleeps, with no lock that others need for that.
 */
void pm_promise_wait_told(struct pm_promise *promise, u64 change, unsigned long end);
/* The file has changed; there are users. Under pm_promise_lock. */
void pm_promise_broken(struct pm_promise *promise);
/* Has somebody written since it was broken, or may he be about to? Under pm_promise_lock. */
bool pm_promised_touched(const struct pm_promised *user);
/* It may be open for writing now. Under pm_promise_lock. */
void pm_stores_begin(struct pm_promise *promise);
/* All is told that has been stored by now. Under pm_promise_lock. */
void pm_stores_told(struct pm_promise *promise);
void pm_stores_exit(void);

/* Taken by writers, who hold locks of filesystems: in it nothing calls those, or waits for I/O. */
extern struct mutex pm_promise_lock;
/* Woken when pm_promise.told has changed. */
extern wait_queue_head_t pm_promise_wait;
/* pm_promise.work; it has a reference, and one to the module. */
void pm_promise_work(struct work_struct *work);

#endif
