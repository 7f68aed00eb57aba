// SPDX-License-Identifier: GPL-2.0
/*
 * Home: what others store into a file through a mapping of theirs, which raises no event, is to be
 * seen by processes elsewhere that map it to be read.
 *
 * To a program a store is like one of another processor: it may be seen at any time, but no later
 * than what tells of it. So before home tells a process something, by the end of a call or a
 * signal, its node drops the pages of all such files, for the process may tell others there; and
 * ten times a second, for one that only looks.
 *
 * Nobody stores into a file that is not open for writing. Most files of programs never are. And of
 * those that are most are not mapped by anybody who may write. What reaches a page otherwise is not
 * seen: one that a device, or an io_uring, still has when it is mapped no more.
 */
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/workqueue.h>
#include "promise.h"

#define PM_STORES_PERIOD	(HZ / 10)
/* So many files are waited for; a node may fetch their pages again and again. */
#define PM_STORES_MAX		64

/*
 * Promises of files that are open for writing, or have been a moment ago. Under pm_promise_lock,
 * but to see if there are any.
 */
static LIST_HEAD(pm_stores);

/* How often memory has been mapped to be written: its ctime tells nothing of stores. */
static atomic_long_t pm_stores_maps;

static void pm_stores_worker(struct work_struct *work);
static DECLARE_DELAYED_WORK(pm_stores_work, pm_stores_worker);

/*
 * An overlay's file is mapped as the one below it, which counts for itself. Memory without a name
 * (memfd) does not count at all; it may be sealed.
 */
static bool pm_stores_open(const struct pm_promise *promise)
{
	const struct pm_promised *user;
	struct inode *inode;

	list_for_each_entry(user, &promise->users, entry) {
		inode = file_inode(user->file);
		if (inode_is_open_for_write(inode) || inode_is_open_for_write(user->inode) ||
		    (shmem_mapping(inode->i_mapping) && inode->i_sb->s_flags & SB_KERNMOUNT &&
		     !(SHMEM_I(inode)->seals & F_SEAL_WRITE)))
			return true;
	}
	return false;
}

void pm_stores_begin(struct pm_promise *promise)
{
	lockdep_assert_held(&pm_promise_lock);
	if (!list_empty(&promise->stores) || !pm_stores_open(promise))
		return;
	list_add(&promise->stores, &pm_stores);
	queue_delayed_work(system_unbound_wq, &pm_stores_work, PM_STORES_PERIOD);
}

void pm_stores_mapping(const struct vm_area_struct *vma)
{
	/* mmap() has counted it in the mapping before, and does so until the area does */
	if (vma->vm_flags & VM_SHARED)
		atomic_long_inc_return(&pm_stores_maps);
}

/* May somebody store into it now? On an overlay the file itself is counted late in mmap(). */
static bool pm_stores_mapped(const struct pm_promised *user)
{
	if (mapping_writably_mapped(user->inode->i_mapping))
		return true;
	/* if that one has begun, it is counted here by now */
	smp_rmb();
	return mapping_writably_mapped(file_inode(user->file)->i_mapping);
}

void pm_stores_told(struct pm_promise *promise)
{
	const struct pm_promised *user;

	lockdep_assert_held(&pm_promise_lock);
	promise->maps = atomic_long_read(&pm_stores_maps);
	/* one that is counted later is found then, by the number */
	smp_rmb();
	promise->mapped = false;
	list_for_each_entry(user, &promise->users, entry)
		promise->mapped |= pm_stores_mapped(user);
}

/*
 * Has a mapping that has come and gone since it was told left something, or a write without an
 * event (AIO)? Writes set the ctime; and so does the first store into a page through a mapping, in
 * filesystems of which that is known.
 */
static bool pm_stores_left(const struct pm_promise *promise, const struct pm_promised *user)
{
	switch (file_inode(user->file)->i_sb->s_magic) {
	case TMPFS_MAGIC:
		if (promise->maps != atomic_long_read(&pm_stores_maps))
			return true;
		fallthrough;
	case BTRFS_SUPER_MAGIC:
	case EXT4_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
		return pm_promised_touched(user);
	default:
		return true;
	}
}

/* Can somebody have stored into it since it was told? */
static bool pm_stores_since(const struct pm_promise *promise)
{
	const struct pm_promised *user;

	if (promise->mapped)
		return true;
	list_for_each_entry(user, &promise->users, entry)
		if (pm_stores_mapped(user) || pm_stores_left(promise, user))
			return true;
	return false;
}

/* Take back what @node (0: any) has been promised, if it may be old. */
static void pm_stores_take(struct pm_promise *promise, u32 node)
{
	if (pm_promise_given(promise, node) && pm_stores_since(promise))
		pm_promise_broken(promise);
}

static void pm_stores_worker(struct work_struct *work)
{
	struct pm_promise *promise, *next;
	bool open;

	mutex_lock(&pm_promise_lock);
	list_for_each_entry_safe(promise, next, &pm_stores, stores) {
		open = pm_stores_open(promise);
		/* what has been stored before it was closed is seen */
		smp_rmb();
		pm_stores_take(promise, 0);
		if (open)
			continue;
		list_del_init(&promise->stores);
		/* who opens it now either finds it off the list, or is seen here */
		smp_mb();
		pm_stores_begin(promise);
	}
	if (!list_empty(&pm_stores))
		queue_delayed_work(system_unbound_wq, &pm_stores_work, PM_STORES_PERIOD);
	mutex_unlock(&pm_promise_lock);
}

/** struct pm_stores_due - a promise, counted, and the change that a node is to be told of */
struct pm_stores_due {
	struct pm_promise *promise;
	u64 change;
};

/* Take back what @node has been promised. Return: how many it has not been told of, up to @max. */
static unsigned int pm_stores_break(u32 node, struct pm_stores_due *due, unsigned int max)
{
	struct pm_promise *promise;
	unsigned int n = 0;

	mutex_lock(&pm_promise_lock);
	list_for_each_entry(promise, &pm_stores, stores) {
		if (promise->late || n == max)
			continue;
		pm_stores_take(promise, node);
		/* one without an entry has never had a page of it */
		if (promise->told == promise->changes || !xa_load(&promise->nodes, node))
			continue;
		pm_promise_get(promise);
		due[n++] = (struct pm_stores_due){ promise, promise->changes };
	}
	mutex_unlock(&pm_promise_lock);
	return n;
}

void pm_stores_settle(u32 node)
{
	unsigned long end = jiffies + PM_TOLD_WAIT;
	struct pm_stores_due due[16];
	unsigned int i, n, tries = PM_STORES_MAX / ARRAY_SIZE(due);

	if (list_empty_careful(&pm_stores))
		return;
	do {
		n = pm_stores_break(node, due, ARRAY_SIZE(due));
		for (i = 0; i < n; i++)
			pm_promise_wait_told(due[i].promise, due[i].change, end);
	} while (n == ARRAY_SIZE(due) && --tries && !fatal_signal_pending(current));
}

void pm_stores_exit(void)
{
	cancel_delayed_work_sync(&pm_stores_work);
}
