// SPDX-License-Identifier: GPL-2.0
/*
 * Home keeps shared memory that is away and to which others can come here (guard.c): the processes
 * that have it away are called home then.
 *
 * When it is no process's any more, or those that had it come home without it, what is in it is
 * fetched from where it was last (linger.c). Until then who comes to it waits.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
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
/* How often a node is asked that has no room for one more channel just now, and ms between. */
#define PM_KEPT_TRIES	50
#define PM_KEPT_AGAIN	100

/* Protects what is in the table, which changes under @pm_kept_spin too; nests in pm_mm.lock. */
static DEFINE_MUTEX(pm_kept_lock);
/* All that are away, by inode, and their files; nests in pm_objects_lock. */
static DEFINE_SPINLOCK(pm_kept_spin);
static DEFINE_HASHTABLE(pm_kept_table, 8);
static atomic_t pm_kept_n = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(pm_kept_wait);
static struct workqueue_struct *pm_kept_wq;

static void pm_kept_free(struct kref *ref)
{
	struct pm_kept *kept = container_of(ref, struct pm_kept, ref);

	fput(kept->file);
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

void pm_kept_del(struct pm_watched *watched)
{
	lockdep_assert_held(&pm_kept_lock);
	spin_lock(&pm_kept_spin);
	list_del(&watched->entry);
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

/* It is at home, and nobody waits for it any more. Caller holds the lock; the table's reference. */
static void pm_kept_home(struct pm_kept *kept)
{
	spin_lock(&pm_kept_spin);
	hash_del(&kept->entry);
	spin_unlock(&pm_kept_spin);
	atomic_dec(&pm_kept_n);
	pm_unwatch(kept);
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
		object->guarded = true;
	} else if (!kept->away) {
		pm_kept_home(kept);
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
	if (kept->back || (!kept->nodes[0] && !kept->nodes[1]))
		pm_kept_home(kept);
	else
		queue_work(pm_kept_wq, &kept->fetch);
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

/* ---- who comes to it ---- */

/* The process of an address space that has it away, or NULL. */
static struct pm_proc *pm_kept_proc(struct pm_kept *kept)
{
	u64 id = pm_object_owner(kept->file);

	return id ? pm_proc_find_id(id) : NULL;
}

/* Is current a deputy of the family that has it away? */
static bool pm_kept_own(struct pm_kept *kept)
{
	struct pm_thread *thread = pm_thread_current();
	struct pm_proc *proc = thread ? pm_kept_proc(kept) : NULL;
	u64 family = proc ? READ_ONCE(proc->family) : 0;
	bool own;

	if (!proc)
		return false;
	own = thread->proc == proc || (family && READ_ONCE(thread->proc->family) == family);
	pm_proc_put(proc);
	return own;
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
	return !hlist_unhashed_lockless(&kept->entry);
}

int pm_kept_await(struct pm_kept *kept)
{
	while (pm_kept_listed(kept)) {
		if (pm_kept_own(kept))
			return pm_outside_self();
		kref_get(&kept->ref);
		if (!queue_work(pm_kept_wq, &kept->call))
			pm_kept_put(kept);
		if (wait_event_killable_timeout(pm_kept_wait, !pm_kept_listed(kept),
						PM_KEPT_PAUSE) < 0)
			return -EINTR;
	}
	return 0;
}

/* ---- what was left elsewhere ---- */

static struct pm_chan *pm_kept_chan(struct pm_kept *kept, u32 node)
{
	struct pm_open open = {
		.proc = cpu_to_le64(kept->key), .home = cpu_to_le32(pm_self_id()),
	};
	struct pm_chan *chan = pm_chan_open(node, PM_CHAN_OBJECT, &open);
	int err;

	if (IS_ERR(chan))
		return chan;
	err = pm_await(chan, PM_MSG_SERVING);
	if (!err)
		return chan;
	pm_chan_kill(chan);
	pm_chan_put(chan);
	return ERR_PTR(err);
}

/* A message of the node. Return: 0, 1 that was all, -ENOENT it has nothing, or an error. */
static int pm_kept_take(struct pm_kept *kept, const struct pm_buf *buf, bool *any)
{
	const struct pm_object_page *page = (const void *)buf->data;
	struct inode *inode = file_inode(kept->file);

	if (buf->type == PM_MSG_OBJECT_END && buf->len == 0)
		return buf->flags & PM_OBJECT_NONE ? -ENOENT : 1;
	if (buf->type != PM_MSG_OBJECT_PAGE || buf->len != sizeof(*page) + PAGE_SIZE ||
	    !PAGE_ALIGNED(le64_to_cpu(page->offset)) ||
	    le64_to_cpu(page->offset) >= PM_OBJECT_SIZE)
		return -EPROTO;
	/* what was given up there does not come */
	if (!*any && shmem_mapping(inode->i_mapping))
		shmem_truncate_range(inode, 0, -1);
	*any = true;
	return pm_kept_page(kept->file, le64_to_cpu(page->offset), page + 1);
}

static int pm_kept_from(struct pm_kept *kept, u32 node)
{
	struct pm_chan *chan = pm_kept_chan(kept, node);
	struct pm_buf *buf;
	bool any = false;
	int err = 0, tries = 0;

	while (IS_ERR(chan) && PTR_ERR(chan) == -EPIPE && ++tries < PM_KEPT_TRIES) {
		schedule_timeout_idle(msecs_to_jiffies(PM_KEPT_AGAIN));
		chan = pm_kept_chan(kept, node);
	}
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	while (!err) {
		buf = pm_chan_recv(chan, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(buf)) {
			err = PTR_ERR(buf);
			break;
		}
		err = pm_kept_take(kept, buf, &any);
		pm_buf_free(buf);
	}
	if (err == -EPROTO)
		pm_link_drop(chan->link, "malformed shared memory");
	pm_chan_kill(chan);
	pm_chan_put(chan);
	return min(err, 0);
}

static void pm_kept_fetch(struct work_struct *work)
{
	struct pm_kept *kept = container_of(work, struct pm_kept, fetch);
	int i, err = -ENOENT;

	for (i = 0; i < ARRAY_SIZE(kept->nodes) && err == -ENOENT; i++)
		if (kept->nodes[i] && kept->nodes[i] != pm_self_id())
			err = pm_kept_from(kept, kept->nodes[i]);
	if (err && err != -ENOENT)
		pr_warn_ratelimited("what processes had written to %pD elsewhere is lost with node %u (%d)\n",
				    kept->file, kept->nodes[0], err);
	mutex_lock(&pm_kept_lock);
	pm_kept_home(kept);
	mutex_unlock(&pm_kept_lock);
}

int pm_keep_init(void)
{
	int err;

	pm_kept_wq = alloc_workqueue("procmig-keep", WQ_UNBOUND, 0);
	if (!pm_kept_wq)
		return -ENOMEM;
	err = pm_guard_init();
	if (err)
		destroy_workqueue(pm_kept_wq);
	return err;
}

void pm_keep_exit(void)
{
	destroy_workqueue(pm_kept_wq);
	pm_guard_exit();
}
