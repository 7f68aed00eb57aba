// SPDX-License-Identifier: GPL-2.0
/*
 * Home: a file that processes elsewhere map privately, or to be read, is changed here. They see it
 * as they would at home: who writes to it, or changes its size, goes on when each node that has
 * pages of it has dropped them (changed.c); and so does who reads it while somebody has it open for
 * writing. For stores through another mapping see promise_store.c.
 *
 * A node that has been told (promise_tell.c) is told again when it has fetched a page since, or the
 * size differs.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "promise.h"

DEFINE_MUTEX(pm_promise_lock);	/* see promise.h, as the next */
DECLARE_WAIT_QUEUE_HEAD(pm_promise_wait);
static struct fsnotify_group *pm_promise_group;
static struct workqueue_struct *pm_promise_wq;

static void pm_promise_free(struct fsnotify_mark *mark)
{
	struct pm_promise *promise = container_of(mark, struct pm_promise, mark);

	xa_destroy(&promise->nodes);
	kfree(promise);
}

/* ---- breaking them ---- */

/*
 * A cut that has not been told when the file grows again never is: the program may have written to
 * the new pages by then. Return: it has grown.
 */
static bool pm_promised_changed(struct pm_promised *user)
{
	u64 size = i_size_read(file_inode(user->file));
	bool grown = size > user->size;

	if (size < user->size)
		user->cut = min(user->cut, size);
	else if (grown)
		user->cut = PM_NOT_CUT;
	user->size = size;
	return grown;
}

/*
 * May somebody have begun to write, and not have been here yet? Those who write do so in the lock
 * of the inode, or count as direct I/O, and set its ctime. *@ctime: what it is; a write from now on
 * will set another one, unless true is returned, as always where ctime is kept elsewhere or coarse.
 */
static bool pm_inode_unsettled(struct inode *inode, struct timespec64 *ctime)
{
	struct timespec64 now = current_time(inode);
	bool busy;

	/* who begins after that sets a later one */
	smp_rmb();
	busy = inode_is_locked(inode) || atomic_read(&inode->i_dio_count);
	/* whoever is through has set it */
	smp_rmb();
	*ctime = inode->i_ctime;
	return busy || IS_NOCMTIME(inode) || inode->i_sb->s_magic == MSDOS_SUPER_MAGIC ||
	       timespec64_compare(ctime, &now) >= 0;
}

static void pm_promised_settle(struct pm_promised *user)
{
	struct timespec64 ctime;

	if (pm_inode_unsettled(file_inode(user->file), &ctime))
		ctime = (struct timespec64){};
	user->settled = ctime;
}

bool pm_promised_touched(const struct pm_promised *user)
{
	struct timespec64 ctime;

	return pm_inode_unsettled(file_inode(user->file), &ctime) ||
	       !timespec64_equal(&ctime, &user->settled);
}

bool pm_promise_given(struct pm_promise *promise, u32 node)
{
	unsigned long index;
	bool given = false;
	void *entry;

	xa_for_each(&promise->nodes, index, entry)
		given |= (!node || index == node) && xa_to_value(entry);
	return given;
}

void pm_promise_broken(struct pm_promise *promise)
{
	struct pm_promised *user;
	bool grown = false;

	list_for_each_entry(user, &promise->users, entry)
		grown |= pm_promised_changed(user);
	if (!try_module_get(THIS_MODULE))
		return;
	list_for_each_entry(user, &promise->users, entry)
		pm_promised_settle(user);
	pm_stores_told(promise);
	WRITE_ONCE(promise->changes, promise->changes + 1);
	if (grown)
		promise->grown = promise->changes;
	pm_promise_get(promise);
	if (!queue_work(pm_promise_wq, &promise->work)) {
		fsnotify_put_mark(&promise->mark);
		module_put(THIS_MODULE);
	}
}

/*
 * Somebody has read the file. He may have seen what is just being written, whose writer is not here
 * yet: what he goes on to tell others is not to be older where it is mapped.
 */
static bool pm_promise_seen(struct pm_promise *promise, struct inode *inode)
{
	const struct pm_promised *user;
	bool touched = false;

	if (!inode_is_open_for_write(inode))
		return false;
	list_for_each_entry(user, &promise->users, entry)
		touched |= pm_promised_touched(user);
	return touched && pm_promise_given(promise, 0);
}

/*
 * The file has been changed, or read. Return: the number of the change that is to be waited for, or
 * 0: not by those that memory may be waiting for, as the worker of a loop device.
 */
static u64 pm_promise_change(struct pm_promise *promise, struct inode *inode, u32 mask)
{
	u64 change = 0;

	mutex_lock(&pm_promise_lock);
	if (!list_empty(&promise->users)) {
		if (mask & (FS_MODIFY | FS_CLOSE_WRITE) || pm_promise_seen(promise, inode))
			pm_promise_broken(promise);
		if (!promise->late &&
		    !(current->flags & (PF_MEMALLOC | PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE)))
			change = promise->changes;
	}
	mutex_unlock(&pm_promise_lock);
	return change;
}

void pm_promise_wait_told(struct pm_promise *promise, u64 change, unsigned long end)
{
	if (!wait_event_timeout(pm_promise_wait, READ_ONCE(promise->told) >= change,
				max_t(long, end - jiffies, 1))) {
		mutex_lock(&pm_promise_lock);
		promise->late = promise->told < change;
		mutex_unlock(&pm_promise_lock);
	}
	fsnotify_put_mark(&promise->mark);
}

static void pm_promise_break(struct pm_promise *promise, struct inode *inode, u32 mask)
{
	u64 change = pm_promise_change(promise, inode, mask);

	/* closing tells nobody of it but what goes on here; kernel threads do it for many */
	if (!change || (mask & FS_CLOSE_WRITE && current->flags & PF_KTHREAD))
		return;
	pm_promise_get(promise);
	pm_promise_wait_told(promise, change, jiffies + PM_TOLD_WAIT);
}

/* Is it only read, and nobody writes? As most files, all the time: without a lock. */
static bool pm_promise_quiet(struct pm_promise *promise, struct inode *inode, u32 mask)
{
	if (mask & FS_MODIFY)
		return false;
	/* what has been written otherwise has been told */
	if (mask & FS_CLOSE_WRITE)
		return list_empty_careful(&promise->stores);
	if (mask & FS_OPEN) {
		/* pairs with the one in pm_stores_worker() */
		smp_mb();
		if (inode_is_open_for_write(inode) && list_empty_careful(&promise->stores)) {
			mutex_lock(&pm_promise_lock);
			if (!list_empty(&promise->users))
				pm_stores_begin(promise);
			mutex_unlock(&pm_promise_lock);
		}
		return true;
	}
	/* a kernel thread reads it for a node, to which it is promised again then (filetable.c) */
	if (current->flags & PF_KTHREAD)
		return true;
	if (inode_is_open_for_write(inode))
		return false;
	/* whoever has closed it has been here */
	smp_rmb();
	return READ_ONCE(promise->told) >= READ_ONCE(promise->changes);
}

/* Under the SRCU lock of fsnotify, which is let go of; and whatever locks the writer holds. */
static int pm_promise_event(struct fsnotify_group *group, u32 mask, const void *data, int type,
			    struct inode *dir, const struct qstr *name, u32 cookie,
			    struct fsnotify_iter_info *iter)
{
	struct fsnotify_mark *mark = fsnotify_iter_inode_mark(iter);
	struct inode *inode = fsnotify_data_inode(data, type);
	struct pm_promise *promise;

	if (!mark || !inode)
		return 0;
	promise = container_of(mark, struct pm_promise, mark);
	/* false: the mark is just being removed */
	if (!pm_promise_quiet(promise, inode, mask) && pm_fsnotify_prepare_user_wait(iter)) {
		pm_promise_break(promise, inode, mask);
		pm_fsnotify_finish_user_wait(iter);
	}
	return 0;
}

static const struct fsnotify_ops pm_promise_events = {
	.handle_event = pm_promise_event,
	.free_mark = pm_promise_free,
};

/* ---- promising ---- */

static struct pm_promise *pm_promise_new(struct inode *inode)
{
	struct pm_promise *promise = kzalloc(sizeof(*promise), GFP_NOIO);
	int err;

	if (!promise)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&promise->users);
	INIT_LIST_HEAD(&promise->stores);
	xa_init(&promise->nodes);
	INIT_WORK(&promise->work, pm_promise_work);
	fsnotify_init_mark(&promise->mark, pm_promise_group);
	promise->mark.mask = FS_MODIFY | FS_ACCESS | FS_OPEN | FS_CLOSE_WRITE;
	err = fsnotify_add_inode_mark(&promise->mark, inode, 0);
	if (!err)
		return promise;
	fsnotify_put_mark(&promise->mark);
	return ERR_PTR(err);
}

/* That of an inode, which has users, or NULL. Under the lock. */
static struct pm_promise *pm_promise_find(struct inode *inode)
{
	struct fsnotify_mark *mark = fsnotify_find_mark(&inode->i_fsnotify_marks,
							pm_promise_group);

	if (!mark)
		return NULL;
	/* it has the one of its users too */
	fsnotify_put_mark(mark);
	return container_of(mark, struct pm_promise, mark);
}

/* On an overlay a name tells the same numbers for the files below and above, which differ. */
static int pm_promised_numbers(struct pm_promised *promised)
{
	struct inode *inode = file_inode(promised->file);
	struct kstat stat;
	int err;

	promised->dev = inode->i_sb->s_dev;
	promised->ino = inode->i_ino;
	if (inode != promised->inode)
		return 0;
	err = vfs_getattr(&promised->file->f_path, &stat, STATX_INO, AT_STATX_DONT_SYNC);
	if (!err) {
		promised->dev = stat.dev;
		promised->ino = stat.ino;
	}
	return err;
}

static int pm_promised_join(struct pm_promised *promised)
{
	struct inode *inode = promised->inode;
	unsigned int flags = memalloc_noio_save();
	struct pm_promise *promise;

	mutex_lock(&pm_promise_lock);
	promise = pm_promise_find(inode) ?: pm_promise_new(inode);
	if (!IS_ERR(promise)) {
		promised->promise = promise;
		promised->size = i_size_read(file_inode(promised->file));
		promised->told = promised->size;
		promised->cut = PM_NOT_CUT;
		list_add(&promised->entry, &promise->users);
		/* nobody has looked at this file yet */
		promise->mapped = true;
		pm_stores_begin(promise);
	}
	mutex_unlock(&pm_promise_lock);
	memalloc_noio_restore(flags);
	return PTR_ERR_OR_ZERO(promise);
}

struct pm_promised *pm_promised_new(struct file *file)
{
	struct pm_promised *promised = kzalloc(sizeof(*promised), GFP_KERNEL_ACCOUNT);
	int err;

	if (!promised)
		return ERR_PTR(-ENOMEM);
	promised->file = get_file(file);
	/* as long as the file is open its name has it */
	promised->inode = d_inode(file->f_path.dentry);
	err = pm_promised_numbers(promised) ?: pm_promised_join(promised);
	if (!err)
		return promised;
	fput(file);
	kfree(promised);
	return ERR_PTR(err);
}

void pm_promised_free(struct pm_promised *promised)
{
	struct pm_promise *promise = promised->promise;

	mutex_lock(&pm_promise_lock);
	list_del(&promised->entry);
	if (list_empty(&promise->users)) {
		list_del_init(&promise->stores);
		fsnotify_destroy_mark(&promise->mark, pm_promise_group);
		fsnotify_put_mark(&promise->mark);
	}
	mutex_unlock(&pm_promise_lock);
	fput(promised->file);
	kfree(promised);
}

int pm_promise_give(struct pm_promised *promised, u32 node)
{
	int err;

	mutex_lock(&pm_promise_lock);
	err = xa_err(xa_store(&promised->promise->nodes, node, xa_mk_value(1), GFP_NOIO));
	mutex_unlock(&pm_promise_lock);
	return err;
}

int pm_promise_init(void)
{
	int err;

	pm_promise_wq = alloc_workqueue("procmig-promise", WQ_UNBOUND, 0);
	if (!pm_promise_wq)
		return -ENOMEM;
	pm_promise_group = fsnotify_alloc_group(&pm_promise_events, FSNOTIFY_GROUP_NOFS);
	err = PTR_ERR_OR_ZERO(pm_promise_group);
	if (err)
		destroy_workqueue(pm_promise_wq);
	return err;
}

void pm_promise_exit(void)
{
	pm_stores_exit();
	/* waits for writers, who may have given up what still goes on */
	pm_fsnotify_destroy_group(pm_promise_group);
	destroy_workqueue(pm_promise_wq);
	fsnotify_wait_marks_destroyed();
}
