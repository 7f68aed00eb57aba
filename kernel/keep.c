// SPDX-License-Identifier: GPL-2.0
/*
 * Home keeps shared memory that is away and to which others can come here (guard.c): the processes
 * that have it away are called home then.
 *
 * When it is no process's any more, or those that had it come home without it, what is in it is
 * fetched from where it was last (keep_fetch.c). Until then who comes to it waits.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "outside.h"
#include "proc.h"
#include "space.h"

/* How often to look whether those who were called have come. */
#define PM_KEPT_PAUSE	(HZ / 10)
/* Objects that are fetched at the same time. */
#define PM_KEPT_FETCHES	16
/* How long somebody waits for processes that do not come, as one that is stopped. */
#define PM_KEPT_PATIENCE (60 * HZ)

/* Protects what is in the table, which changes under @pm_kept_spin too; nests in pm_mm.lock. */
static DEFINE_MUTEX(pm_kept_lock);
/* All that are away, by inode, and their files; nests in pm_objects_lock. */
static DEFINE_SPINLOCK(pm_kept_spin);
static DEFINE_HASHTABLE(pm_kept_table, 8);
static atomic_t pm_kept_n = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(pm_kept_wait);
static struct workqueue_struct *pm_kept_wq;
static struct workqueue_struct *pm_fetch_wq;
struct workqueue_struct *pm_file_wq;

static void pm_kept_free(struct kref *ref)
{
	struct pm_kept *kept = container_of(ref, struct pm_kept, ref);

	kfree(kept);
	module_put(THIS_MODULE);
}

void pm_kept_put(struct pm_kept *kept)
{
	kref_put(&kept->ref, pm_kept_free);
}

static unsigned long pm_kept_hash(const struct file *file)
{
	return (unsigned long)file_inode(file);
}

long pm_kept_refs(const struct file *file)
{
	struct pm_watched *watched;
	struct pm_kept *kept;
	long refs = 0;

	spin_lock(&pm_kept_spin);
	hash_for_each_possible(pm_kept_table, kept, entry, pm_kept_hash(file)) {
		refs += kept->file == file;
		list_for_each_entry(watched, &kept->watched, entry)
			refs += watched->file == file;
	}
	spin_unlock(&pm_kept_spin);
	return refs;
}

void pm_kept_add(struct pm_kept *kept, struct pm_watched *watched)
{
	lockdep_assert_held(&pm_kept_lock);
	spin_lock(&pm_kept_spin);
	list_add(&watched->entry, &kept->watched);
	spin_unlock(&pm_kept_spin);
}

bool pm_kept_any(void)
{
	return atomic_read(&pm_kept_n);
}

struct pm_kept *pm_kept_get(bool (*is)(const struct pm_kept *kept, const void *arg),
			    const void *arg)
{
	struct pm_kept *kept, *found = NULL;
	int i;

	spin_lock(&pm_kept_spin);
	hash_for_each(pm_kept_table, i, kept, entry)
		if (!found && is(kept, arg))
			found = kept;
	if (found)
		kref_get(&found->ref);
	spin_unlock(&pm_kept_spin);
	return found;
}

/* What is in the table of the object that @file is, or NULL. Under pm_kept_spin. */
static struct pm_kept *__pm_kept_of(const struct file *file)
{
	struct pm_kept *kept;

	hash_for_each_possible(pm_kept_table, kept, entry, pm_kept_hash(file))
		if (file_inode(kept->file) == file_inode(file))
			return kept;
	return NULL;
}

struct pm_kept *pm_kept_of(const struct file *file)
{
	struct pm_kept *kept;

	spin_lock(&pm_kept_spin);
	kept = __pm_kept_of(file);
	if (kept)
		kref_get(&kept->ref);
	spin_unlock(&pm_kept_spin);
	return kept;
}

/* The same without a reference. Caller holds the lock, and so it stays. */
static struct pm_kept *pm_kept_find(const struct file *file)
{
	struct pm_kept *kept;

	lockdep_assert_held(&pm_kept_lock);
	spin_lock(&pm_kept_spin);
	kept = __pm_kept_of(file);
	spin_unlock(&pm_kept_spin);
	return kept;
}

/* ---- who has it away ---- */

/* It is at home. Caller holds the lock. */
static void pm_kept_remove(struct pm_kept *kept)
{
	pm_unwatch(kept);
	spin_lock(&pm_kept_spin);
	hash_del(&kept->entry);
	spin_unlock(&pm_kept_spin);
	atomic_dec(&pm_kept_n);
}

/* It has been removed: let go of its files, and of those who wait. Drops the table's reference. */
static void pm_kept_home(struct pm_kept *kept, void (*put)(struct file *file))
{
	struct pm_watched *watched, *next;

	list_for_each_entry_safe(watched, next, &kept->watched, entry) {
		put(watched->file);
		kfree(watched);
	}
	put(kept->file);
	WRITE_ONCE(kept->home, true);
	wake_up_all(&pm_kept_wait);
	pm_kept_put(kept);
}

static void pm_kept_fetch(struct work_struct *work);
static void pm_kept_call(struct work_struct *work);

static struct pm_kept *pm_kept_new(const struct pm_object *object)
{
	struct pm_kept *kept = kzalloc(sizeof(*kept), GFP_KERNEL_ACCOUNT);

	if (!kept)
		return ERR_PTR(-ENOMEM);
	__module_get(THIS_MODULE);
	kref_init(&kept->ref);
	INIT_LIST_HEAD(&kept->watched);
	INIT_WORK(&kept->fetch, pm_kept_fetch);
	INIT_WORK(&kept->call, pm_kept_call);
	kept->file = get_file(object->file);
	kept->key = object->key;
	atomic_inc(&pm_kept_n);
	spin_lock(&pm_kept_spin);
	hash_add(pm_kept_table, &kept->entry, pm_kept_hash(kept->file));
	spin_unlock(&pm_kept_spin);
	return kept;
}

int pm_object_guard(struct pm_mm *mm, u32 id)
{
	struct pm_object *object = pm_object_get(mm, id);
	struct pm_kept *kept;
	int err = 0;

	if (!object)
		return -EBUSY;
	mutex_lock(&pm_kept_lock);
	if (mm->home != pm_self_id() || !(object->flags & PM_OBJ_KEPT) || object->guarded)
		goto unlock;
	kept = pm_kept_find(object->file);
	if (kept && !kept->away)
		err = -EBUSY;
	else if (!kept)
		kept = pm_kept_new(object);
	if (!err)
		err = PTR_ERR_OR_ZERO(kept);
	if (err)
		goto unlock;
	/* a relative may map it by another file */
	err = pm_watch(kept);
	if (!err) {
		kept->away++;
		kept->back = false;
		object->guarded = true;
	} else if (!kept->away) {
		pm_kept_remove(kept);
		pm_kept_home(kept, fput);
	}
unlock:
	mutex_unlock(&pm_kept_lock);
	if (!err && object->guarded)
		err = pm_watch_begun(object->file);
	pm_object_put(object);
	return err;
}

void pm_object_unguard(struct pm_mm *mm, struct pm_object *object, bool back)
{
	struct pm_kept *kept;

	mutex_lock(&pm_kept_lock);
	kept = object->guarded ? pm_kept_find(object->file) : NULL;
	object->guarded = false;
	if (!kept)
		goto unlock;
	kept->back = kept->back || back;
	if (--kept->away)
		goto unlock;
	kept->nodes[0] = READ_ONCE(mm->sink);
	kept->nodes[1] = READ_ONCE(mm->next);
	if (kept->back || (!kept->nodes[0] && !kept->nodes[1])) {
		pm_kept_remove(kept);
		pm_kept_home(kept, fput);
	} else {
		queue_work(pm_fetch_wq, &kept->fetch);
	}
unlock:
	mutex_unlock(&pm_kept_lock);
}

void pm_objects_unguard(struct pm_mm *mm, bool came)
{
	struct pm_object *object;
	unsigned long id;

	if (mm->home != pm_self_id())
		return;
	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		pm_object_unguard(mm, object, !came || object->came);
		pm_object_put(object);
	}
}

void pm_objects_left(struct pm_mm *mm)
{
	struct pm_object *object;
	unsigned long id;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		if (!object->came)
			pm_object_unguard(mm, object, false);
		pm_object_put(object);
	}
}

bool pm_objects_whole(struct pm_mm *mm)
{
	return xa_marked(&mm->objects, PM_OBJECT_KEPT);
}

/* ---- who comes to it ---- */

/* The process of an address space that has it away, or NULL. */
static struct pm_proc *pm_kept_proc(struct pm_kept *kept)
{
	u64 id = 0;

	mutex_lock(&pm_kept_lock);
	if (!hlist_unhashed(&kept->entry))
		id = pm_object_owner(kept->file);
	mutex_unlock(&pm_kept_lock);
	return id ? pm_proc_find_id(id) : NULL;
}

/* Who waits may hold locks which those who come home take, if only of others: so it is a worker. */
static void pm_kept_call(struct work_struct *work)
{
	struct pm_kept *kept = container_of(work, struct pm_kept, call);
	struct pm_proc *proc = pm_kept_proc(kept);

	if (proc) {
		pm_call_home(proc);
		pm_proc_put(proc);
	}
	pm_kept_put(kept);
}

static bool pm_kept_listed(const struct pm_kept *kept)
{
	return !READ_ONCE(kept->home);
}

int pm_kept_await(struct pm_kept *kept)
{
	struct pm_thread *thread = pm_thread_current();
	unsigned long end = jiffies + PM_KEPT_PATIENCE;

	while (pm_kept_listed(kept)) {
		/* whosever it is: two that are away might wait for each other */
		if (thread && test_bit(PM_T_LOOP, &thread->flags))
			return pm_outside_self();
		if (READ_ONCE(kept->away) && time_after(jiffies, end)) {
			pr_notice_ratelimited("process %d (%s) needs shared memory that does not come home: is a process stopped that has it?\n",
					      task_tgid_nr(current), current->comm);
			return -EBUSY;
		}
		kref_get(&kept->ref);
		if (!queue_work(pm_kept_wq, &kept->call))
			pm_kept_put(kept);
		if (wait_event_killable_timeout(pm_kept_wait, !pm_kept_listed(kept),
						PM_KEPT_PAUSE) < 0)
			return -EINTR;
	}
	return 0;
}

static void pm_kept_fetch(struct work_struct *work)
{
	struct pm_kept *kept = container_of(work, struct pm_kept, fetch);

	pm_kept_take(kept);
	mutex_lock(&pm_kept_lock);
	pm_kept_remove(kept);
	mutex_unlock(&pm_kept_lock);
	/* who waits may be about to execute it, when nobody must have it open for writing */
	pm_kept_home(kept, __fput_sync);
}

int pm_keep_init(void)
{
	int err = -ENOMEM;

	pm_kept_wq = alloc_workqueue("procmig-keep", WQ_UNBOUND, 0);
	if (!pm_kept_wq)
		return err;
	pm_fetch_wq = alloc_workqueue("procmig-fetch", WQ_UNBOUND, PM_KEPT_FETCHES);
	if (!pm_fetch_wq)
		goto destroy_kept;
	pm_file_wq = alloc_workqueue("procmig-file", WQ_UNBOUND, 0);
	if (!pm_file_wq)
		goto destroy_fetch;
	err = pm_guard_init();
	if (!err)
		return 0;
	destroy_workqueue(pm_file_wq);
destroy_fetch:
	destroy_workqueue(pm_fetch_wq);
destroy_kept:
	destroy_workqueue(pm_kept_wq);
	return err;
}

void pm_keep_exit(void)
{
	destroy_workqueue(pm_fetch_wq);
	destroy_workqueue(pm_file_wq);
	destroy_workqueue(pm_kept_wq);
	pm_guard_exit();
}
