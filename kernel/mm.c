// SPDX-License-Identifier: GPL-2.0
/*
 * The address space object: life, death, and how it is found.
 *
 * Death comes from the address space: when its last user leaves, the MMU notifier marks
 * the object dead and kills its channels; the kernel threads on them (servers and
 * pullers) then end and drop their references. The object is freed with its last
 * reference, whoever holds it. Nothing here keeps the address space alive.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/delay.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "link.h"
#include "pager.h"
#include "space.h"

static DEFINE_HASHTABLE(pm_mms_by_mm, 8);
static DEFINE_HASHTABLE(pm_mms_by_proc, 8);
static DEFINE_SPINLOCK(pm_mms_lock);
static atomic_t pm_mms = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(pm_mms_gone);
static struct workqueue_struct *pm_mms_wq;

static struct pm_mm *pm_mm_of(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct pm_mm, notifier);
}

struct pm_mm *pm_mm_get(struct pm_mm *mm)
{
	kref_get(&mm->ref);
	return mm;
}

struct pm_mm *pm_mm_find(struct mm_struct *mm)
{
	struct pm_mm *pos, *found = NULL;

	rcu_read_lock();
	hash_for_each_possible_rcu(pm_mms_by_mm, pos, by_mm, (unsigned long)mm) {
		if (pos->mm == mm && kref_get_unless_zero(&pos->ref)) {
			found = pos;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

u64 pm_mm_away(const struct mm_struct *mm)
{
	struct pm_mm *pos;
	u64 proc = 0;

	rcu_read_lock();
	hash_for_each_possible_rcu(pm_mms_by_mm, pos, by_mm, (unsigned long)mm)
		if (pos->mm == mm && pos->home == pm_self_id() &&
		    (test_bit(PM_MM_AWAY, &pos->flags) || READ_ONCE(pos->restore)))
			proc = pos->proc;
	rcu_read_unlock();
	return proc;
}

bool pm_mm_arriving(const struct pm_mm *mm)
{
	return READ_ONCE(mm->restore);
}

bool pm_mm_watches(struct mm_struct *mm, const void *ctx)
{
	struct pm_mm *pos;
	bool found = false;

	rcu_read_lock();
	hash_for_each_possible_rcu(pm_mms_by_mm, pos, by_mm, (unsigned long)mm)
		found = found || (pos->mm == mm && ctx && READ_ONCE(pos->uffd_ctx) == ctx);
	rcu_read_unlock();
	return found;
}

struct pm_mm *pm_mm_find_proc(u64 proc, u32 home)
{
	struct pm_mm *pos, *found = NULL;

	rcu_read_lock();
	hash_for_each_possible_rcu(pm_mms_by_proc, pos, by_proc, proc) {
		if (pos->proc == proc && pos->home == home && !pm_mm_dead(pos) &&
		    kref_get_unless_zero(&pos->ref)) {
			found = pos;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

struct pm_chan *pm_mm_chan(struct pm_mm *mm, struct pm_chan **chan)
{
	struct pm_chan *got = NULL;

	mutex_lock(&mm->lock);
	if (*chan)
		got = pm_chan_get(*chan);
	mutex_unlock(&mm->lock);
	return got;
}

void pm_mm_chan_close(struct pm_mm *mm, struct pm_chan **chan)
{
	struct pm_chan *old;

	mutex_lock(&mm->lock);
	old = *chan;
	*chan = NULL;
	mutex_unlock(&mm->lock);
	if (old)
		pm_chan_drop(old);
}

void pm_mm_sources_close(struct pm_mm *mm)
{
	int i;

	for (i = 0; i < PM_SRCS; i++) {
		pm_mm_chan_close(mm, &mm->src[i].fetch);
		pm_mm_chan_close(mm, &mm->src[i].push);
	}
	wake_up_all(&mm->wait);
}

void pm_mm_servers_kill(struct pm_mm *mm)
{
	struct pm_server *server;

	mutex_lock(&mm->lock);
	list_for_each_entry(server, &mm->servers, entry)
		if (pm_mm_dead(mm) || !pm_mm_serves(mm, pm_link_node(server->chan->link)))
			pm_chan_kill(server->chan);
	mutex_unlock(&mm->lock);
}

bool pm_mm_serves(const struct pm_mm *mm, u32 node)
{
	lockdep_assert_held(&mm->lock);
	return node == mm->sink || node == mm->next;
}

/* The address space is gone: nobody will fault, nobody can be served any more. */
static void pm_mm_release(struct mmu_notifier *notifier, struct mm_struct *unused)
{
	struct pm_mm *mm = pm_mm_of(notifier);

	mutex_lock(&mm->lock);
	set_bit(PM_MM_DEAD, &mm->flags);
	mutex_unlock(&mm->lock);
	pm_mm_servers_kill(mm);
	pm_mm_sources_close(mm);
}

/*
 * Called when a range is unmapped or moved away and that can't fail any more. Other
 * events are about pages that are present, so nothing of them can be missing.
 */
static int pm_mm_invalidate(struct mmu_notifier *notifier, const struct mmu_notifier_range *range)
{
	struct pm_mm *mm = pm_mm_of(notifier);

	if (range->event != MMU_NOTIFY_UNMAP)
		return 0;
	pm_map_forget(&mm->map, range->start, range->end);
	wake_up_all(&mm->wait);
	return 0;
}

/* After the grace periods of the notifier and of the hashes. */
static void pm_mm_free_work(struct work_struct *work)
{
	struct pm_mm *mm = container_of(to_rcu_work(work), struct pm_mm, free_work);

	pm_map_clear(&mm->map);
	kfree(mm);
	if (atomic_dec_and_test(&pm_mms))
		wake_up_all(&pm_mms_gone);
}

static void pm_mm_put_work(struct work_struct *work)
{
	struct pm_mm *mm = container_of(work, struct pm_mm, put_work);

	pm_mm_sources_close(mm);
	pm_uffd_disarm(mm);
	pm_files_drop(mm);
	pm_opens_use(mm, NULL);
	pm_objects_drop(mm);
	/*
	 * The notifier may run until its grace period is over, and frees the rest. Of one that
	 * has run for the last time the end is waited for here: a callback begins a period of
	 * many milliseconds, for which everybody waits who has a notifier and exits meanwhile.
	 */
	if (pm_mm_dead(mm)) {
		mmu_notifier_unregister(&mm->notifier, mm->mm);
		queue_rcu_work(pm_mms_wq, &mm->free_work);
	} else {
		mmu_notifier_put(&mm->notifier);
	}
}

static struct mmu_notifier *pm_mm_alloc(struct mm_struct *unused)
{
	struct pm_mm *mm = kzalloc(sizeof(*mm), GFP_KERNEL_ACCOUNT);

	if (!mm)
		return ERR_PTR(-ENOMEM);
	atomic_inc(&pm_mms);
	pm_map_init(&mm->map);
	mutex_init(&mm->lock);
	mutex_init(&mm->zap_lock);
	mutex_init(&mm->look_lock);
	init_waitqueue_head(&mm->wait);
	INIT_WORK(&mm->put_work, pm_mm_put_work);
	INIT_RCU_WORK(&mm->free_work, pm_mm_free_work);
	return &mm->notifier;
}

static void pm_mm_free_notifier(struct mmu_notifier *notifier)
{
	struct pm_mm *mm = pm_mm_of(notifier);

	queue_rcu_work(pm_mms_wq, &mm->free_work);
}

static const struct mmu_notifier_ops pm_mm_notifier_ops = {
	.release = pm_mm_release,
	.invalidate_range_start = pm_mm_invalidate,
	.alloc_notifier = pm_mm_alloc,
	.free_notifier = pm_mm_free_notifier,
};

static void pm_mm_setup(struct pm_mm *mm, u64 proc, u32 home, struct mm_struct *user_mm)
{
	int i;

	kref_init(&mm->ref);
	mm->proc = proc;
	mm->home = home;
	mm->mm = user_mm;
	INIT_LIST_HEAD(&mm->servers);
	INIT_LIST_HEAD(&mm->by_files);
	xa_init(&mm->objects);
	for (i = 0; i < PM_SRCS; i++)
		mutex_init(&mm->src[i].fetch_lock);
	spin_lock(&pm_mms_lock);
	hash_add_rcu(pm_mms_by_mm, &mm->by_mm, (unsigned long)user_mm);
	hash_add_rcu(pm_mms_by_proc, &mm->by_proc, proc);
	spin_unlock(&pm_mms_lock);
}

/**
 * pm_mm_create() - the module's state for an address space
 * @proc: number of the process
 * @home: node id of its home
 * @user_mm: the address space; the caller holds mm_users
 *
 * A process that moves again soon finds the object of the last time, if threads of the module
 * still hold it.
 * Context: may sleep, takes mmap_lock of @user_mm for writing.
 * Return: object with one reference; -EEXIST when it is another process's; -ENOMEM; -EINTR.
 */
struct pm_mm *pm_mm_create(u64 proc, u32 home, struct mm_struct *user_mm)
{
	struct mmu_notifier *notifier;
	struct pm_mm *mm;
	bool fresh;

	for (;;) {
		/* also for one who looks whether there is one, and makes it */
		if (mmap_write_lock_killable(user_mm))
			return ERR_PTR(-EINTR);
		notifier = mmu_notifier_get_locked(&pm_mm_notifier_ops, user_mm);
		mm = IS_ERR(notifier) ? ERR_CAST(notifier) : pm_mm_of(notifier);
		fresh = !IS_ERR(mm) && !mm->mm;
		if (fresh)
			pm_mm_setup(mm, proc, home, user_mm);
		mmap_write_unlock(user_mm);
		if (fresh || IS_ERR(mm))
			return mm;
		/* an old one: take it over, or wait until its last holder has let go */
		mmu_notifier_put(notifier);
		mm = pm_mm_find(user_mm);
		if (mm && (mm->proc != proc || mm->home != home)) {
			pm_mm_put(mm);
			mm = ERR_PTR(-EEXIST);
		}
		if (mm)
			return mm;
		usleep_range(1000, 2000);
	}
}

static void pm_mm_last(struct kref *ref)
{
	struct pm_mm *mm = container_of(ref, struct pm_mm, ref);

	spin_lock(&pm_mms_lock);
	hash_del_rcu(&mm->by_mm);
	hash_del_rcu(&mm->by_proc);
	spin_unlock(&pm_mms_lock);
	/* the last holder may be a fault, with mmap_lock held */
	queue_work(pm_mms_wq, &mm->put_work);
}

void pm_mm_put(struct pm_mm *mm)
{
	kref_put(&mm->ref, pm_mm_last);
}

void pm_mm_stats(struct pm_mm *mm, struct pm_mm_stats *stats)
{
	stats->eager = atomic64_read(&mm->eager);
	stats->demand = atomic64_read(&mm->demand);
	stats->ahead = atomic64_read(&mm->ahead);
	stats->pushed = atomic64_read(&mm->pushed);
	stats->file = atomic64_read(&mm->file);
	stats->zero = atomic64_read(&mm->zero);
	stats->left = READ_ONCE(mm->map.left[PM_SRC_HOME]) + READ_ONCE(mm->map.left[PM_SRC_PREV]);
	stats->fault_ns = atomic64_read(&mm->fault_ns);
}

int pm_mem_init(void)
{
	int err;

	pm_mms_wq = alloc_workqueue("procmig-mm", WQ_UNBOUND, 0);
	if (!pm_mms_wq)
		return -ENOMEM;
	err = pm_uffd_init();
	if (err)
		goto destroy_wq;
	err = pm_pagefs_init();
	if (err)
		goto uffd_exit;
	return 0;
uffd_exit:
	pm_uffd_exit();
destroy_wq:
	destroy_workqueue(pm_mms_wq);
	return err;
}

/**
 * pm_mem_exit() - wait until no address space is left, and tear down
 *
 * The caller has seen to it that no process is away and no new one comes. Code of faults
 * may still return through this module: wait with synchronize_rcu_tasks() after it.
 */
void pm_mem_exit(void)
{
	wait_event(pm_mms_gone, !atomic_read(&pm_mms));
	mmu_notifier_synchronize();
	rcu_barrier();
	pm_pagefs_exit();
	pm_uffd_exit();
	destroy_workqueue(pm_mms_wq);
}

bool pm_mm_belongs(struct pm_mm *mm, struct task_struct *task)
{
	bool same;

	task_lock(task);
	same = task->mm == mm->mm;
	task_unlock(task);
	return same;
}
