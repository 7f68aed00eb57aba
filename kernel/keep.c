// SPDX-License-Identifier: GPL-2.0
/*
 * Home keeps watch over shared memory that is away and to which others can come here.
 *
 * A mark of fsnotify on its inode (FS_OPEN_PERM) makes whoever opens it wait, as it does for a
 * virus scanner; shmat() has a stand-in. The processes that have it away are called home; then it
 * is an object like any other, and does not leave again as long as somebody has it open.
 *
 * When it is no process's any more, or those that had it come home without it, what is in it is
 * fetched from where it was last (linger.c). Until then it stays watched.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/module.h>
#include <linux/rwsem.h>
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

/**
 * struct pm_kept - an object that is away, or is being fetched
 * @ref: lifetime: the list, and who uses it
 * @entry: in pm_kept_list; empty when it is at home
 * @file: it, a reference
 * @mark: makes who opens it wait, counted; NULL for a System V segment
 * @key: see struct pm_img_object
 * @away: address spaces that have it away
 * @back: one of them has come home with it
 * @nodes: where what is in it may be, the likeliest first; 0 for none
 * @fetch: takes it from there
 */
struct pm_kept {
	struct kref ref;
	struct list_head entry;
	struct file *file;
	struct fsnotify_mark *mark;
	u64 key;
	unsigned int away;
	bool back;
	u32 nodes[2];
	struct work_struct fetch;
};

/* Protects the list and what is in its entries; nests in pm_mm.lock. */
static DEFINE_MUTEX(pm_kept_lock);
static LIST_HEAD(pm_kept_list);
/* The same list for those who must not sleep; nests in pm_objects_lock. */
static DEFINE_SPINLOCK(pm_kept_spin);
static DECLARE_WAIT_QUEUE_HEAD(pm_kept_wait);
/* Held for reading by shmat(): who has begun it before a segment was watched has ended it. */
static DECLARE_RWSEM(pm_shmat_sem);
static struct fsnotify_group *pm_guards;
static struct workqueue_struct *pm_kept_wq;

static void pm_kept_free(struct kref *ref)
{
	struct pm_kept *kept = container_of(ref, struct pm_kept, ref);

	fput(kept->file);
	kfree(kept);
	module_put(THIS_MODULE);
}

static void pm_kept_put(struct pm_kept *kept)
{
	kref_put(&kept->ref, pm_kept_free);
}

long pm_kept_refs(const struct file *file)
{
	struct pm_kept *kept;
	long refs = 0;

	spin_lock(&pm_kept_spin);
	list_for_each_entry(kept, &pm_kept_list, entry)
		refs += kept->file == file;
	spin_unlock(&pm_kept_spin);
	return refs;
}

/* Whose name leads to the object: not the file's own inode on an overlay. */
static struct inode *pm_named_inode(const struct file *file)
{
	return d_inode(file->f_path.dentry);
}

/* Caller holds the lock. */
static struct pm_kept *pm_kept_find(const struct inode *inode, bool named)
{
	struct pm_kept *kept;

	lockdep_assert_held(&pm_kept_lock);
	list_for_each_entry(kept, &pm_kept_list, entry)
		if (inode == (named ? pm_named_inode(kept->file) : file_inode(kept->file)))
			return kept;
	return NULL;
}

/* ---- the watch ---- */

static int pm_kept_watch(struct pm_kept *kept)
{
	struct fsnotify_mark *mark;
	int err;

	if (pm_file_sysv(kept->file)) {
		if (down_write_killable(&pm_shmat_sem))
			return -EINTR;
		up_write(&pm_shmat_sem);
		return 0;
	}
	mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	if (!mark)
		return -ENOMEM;
	fsnotify_init_mark(mark, pm_guards);
	mark->mask = FS_OPEN_PERM;
	err = fsnotify_add_inode_mark(mark, pm_named_inode(kept->file), 0);
	if (err)
		fsnotify_put_mark(mark);
	else
		kept->mark = mark;
	return err;
}

static void pm_mark_free(struct fsnotify_mark *mark)
{
	kfree(mark);
}

/* It is at home, and nobody waits for it any more. Caller holds the lock; the list's reference. */
static void pm_kept_home(struct pm_kept *kept)
{
	spin_lock(&pm_kept_spin);
	list_del_init(&kept->entry);
	spin_unlock(&pm_kept_spin);
	if (kept->mark) {
		fsnotify_destroy_mark(kept->mark, pm_guards);
		fsnotify_put_mark(kept->mark);
	}
	wake_up_all(&pm_kept_wait);
	pm_kept_put(kept);
}

static void pm_kept_fetch(struct work_struct *work);

static struct pm_kept *pm_kept_new(const struct pm_object *object)
{
	struct pm_kept *kept = kzalloc(sizeof(*kept), GFP_KERNEL_ACCOUNT);
	int err;

	if (!kept)
		return ERR_PTR(-ENOMEM);
	__module_get(THIS_MODULE);
	kref_init(&kept->ref);
	INIT_WORK(&kept->fetch, pm_kept_fetch);
	kept->file = get_file(object->file);
	kept->key = object->key;
	/* found by those who come from now on, who wait for the lock */
	spin_lock(&pm_kept_spin);
	list_add(&kept->entry, &pm_kept_list);
	spin_unlock(&pm_kept_spin);
	err = pm_kept_watch(kept);
	if (!err)
		return kept;
	pm_kept_home(kept);
	return ERR_PTR(err);
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
	kept = pm_kept_find(file_inode(object->file), false);
	if (kept && !kept->away)
		err = -EBUSY;
	else if (!kept)
		kept = pm_kept_new(object);
	if (!err)
		err = PTR_ERR_OR_ZERO(kept);
	if (!err) {
		kept->away++;
		object->guarded = true;
	}
unlock:
	mutex_unlock(&pm_kept_lock);
	pm_object_put(object);
	return err;
}

void pm_object_unguard(struct pm_mm *mm, struct pm_object *object, bool back)
{
	struct pm_kept *kept;

	mutex_lock(&pm_kept_lock);
	kept = object->guarded ? pm_kept_find(file_inode(object->file), false) : NULL;
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

/* ---- who comes ---- */

/* The process of an address space that has it away, or NULL; *@own: the caller is of its family. */
static struct pm_proc *pm_kept_proc(struct pm_kept *kept, bool *own)
{
	struct pm_thread *thread = pm_thread_current();
	u64 id = pm_object_owner(kept->file);
	struct pm_proc *proc = id ? pm_proc_find_id(id) : NULL;
	u64 family = proc ? READ_ONCE(proc->family) : 0;

	*own = proc && thread && (thread->proc == proc ||
				  (family && READ_ONCE(thread->proc->family) == family));
	return proc;
}

static bool pm_kept_listed(struct pm_kept *kept)
{
	return !list_empty_careful(&kept->entry);
}

/*
 * Wait until it is at home; call those who have it. Return: 0, -EINTR, or -EAGAIN: the caller has
 * it away itself, and has to make its call at home.
 */
static int pm_kept_await(struct pm_kept *kept)
{
	struct pm_proc *proc;
	bool own = false;

	while (pm_kept_listed(kept)) {
		proc = pm_kept_proc(kept, &own);
		if (proc && !own)
			pm_call_home(proc);
		if (proc)
			pm_proc_put(proc);
		if (own)
			return pm_outside_self();
		if (wait_event_killable_timeout(pm_kept_wait, !pm_kept_listed(kept),
						PM_KEPT_PAUSE) < 0)
			return -EINTR;
	}
	return 0;
}

/* Somebody opens a file that is watched. Under the SRCU lock of fsnotify, which is let go of. */
static int pm_guard_event(struct fsnotify_group *group, u32 mask, const void *data, int type,
			  struct inode *dir, const struct qstr *name, u32 cookie,
			  struct fsnotify_iter_info *iter)
{
	struct inode *inode = fsnotify_data_inode(data, type);
	struct pm_kept *kept;
	int err;

	mutex_lock(&pm_kept_lock);
	kept = inode ? pm_kept_find(inode, true) : NULL;
	if (kept)
		kref_get(&kept->ref);
	mutex_unlock(&pm_kept_lock);
	if (!kept)
		return 0;
	/* false: the mark is just being removed */
	err = 0;
	if (pm_fsnotify_prepare_user_wait(iter)) {
		err = pm_kept_await(kept);
		pm_fsnotify_finish_user_wait(iter);
	}
	pm_kept_put(kept);
	return err;
}

static const struct fsnotify_ops pm_guard_ops = {
	.handle_event = pm_guard_event,
	.free_mark = pm_mark_free,
};

/* The segment of this number if it is watched, with a reference. */
static struct pm_kept *pm_kept_segment(int shmid)
{
	struct pm_kept *kept, *found = NULL;

	mutex_lock(&pm_kept_lock);
	list_for_each_entry(kept, &pm_kept_list, entry)
		if (!kept->mark && file_inode(kept->file)->i_ino == shmid)
			found = kept;
	if (found)
		kref_get(&found->ref);
	mutex_unlock(&pm_kept_lock);
	return found;
}

bool pm_outside_attaches(const struct pt_regs *regs)
{
	return true;
}

long pm_outside_do_shmat(int shmid, char __user *addr, int flags, unsigned long *raddr,
			 unsigned long align)
{
	struct pm_kept *kept;
	long err = 0;

	down_read(&pm_shmat_sem);
	while (!err && (kept = pm_kept_segment(shmid))) {
		up_read(&pm_shmat_sem);
		err = pm_kept_await(kept);
		pm_kept_put(kept);
		down_read(&pm_shmat_sem);
	}
	err = err ?: pm_do_shmat(shmid, addr, flags, raddr, align);
	up_read(&pm_shmat_sem);
	module_put(THIS_MODULE);
	return err;
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
	pm_kept_wq = alloc_workqueue("procmig-keep", WQ_UNBOUND, 0);
	if (!pm_kept_wq)
		return -ENOMEM;
	pm_guards = fsnotify_alloc_group(&pm_guard_ops, 0);
	if (!IS_ERR(pm_guards))
		return 0;
	destroy_workqueue(pm_kept_wq);
	return PTR_ERR(pm_guards);
}

void pm_keep_exit(void)
{
	destroy_workqueue(pm_kept_wq);
	pm_fsnotify_destroy_group(pm_guards);
}
