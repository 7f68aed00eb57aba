// SPDX-License-Identifier: GPL-2.0
/*
 * Who comes at home to shared memory that is away (keep.c) waits until it is back:
 *
 * - who opens it, for a mark of fsnotify on its inode (FS_OPEN_PERM), as for a virus scanner;
 * - who reads, writes or maps it by a descriptor, for the file has other operations so long: it is
 *   one by which a process that moves has mapped it, all others are open to nobody;
 * - who changes its size, copies between files, or attaches it (System V), for the functions have
 *   stand-ins.
 *
 * Where it is the program itself that does so, its call is made at home (pm_outside_self()).
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/xarray.h>
#include "compat.h"
#include "keep.h"
#include "outside.h"
#include "proc.h"
#include "space.h"

/* Held for reading by shmat(): who has begun it before a segment was watched has ended it. */
static DECLARE_RWSEM(pm_shmat_sem);
static struct fsnotify_group *pm_guards;

/* ---- by name ---- */

/* Whose name leads to the object: not the file's own inode on an overlay. */
static struct inode *pm_named_inode(const struct file *file)
{
	return d_inode(file->f_path.dentry);
}

static bool pm_kept_is_named(const struct pm_kept *kept, const void *inode)
{
	return pm_named_inode(kept->file) == inode;
}

/* Under the SRCU lock of fsnotify, which is let go of. */
static int pm_guard_event(struct fsnotify_group *group, u32 mask, const void *data, int type,
			  struct inode *dir, const struct qstr *name, u32 cookie,
			  struct fsnotify_iter_info *iter)
{
	struct inode *inode = fsnotify_data_inode(data, type);
	struct pm_kept *kept = inode ? pm_kept_get(pm_kept_is_named, inode) : NULL;
	int err = 0;

	if (!kept)
		return 0;
	/* false: the mark is just being removed */
	if (pm_fsnotify_prepare_user_wait(iter)) {
		err = pm_kept_await(kept);
		pm_fsnotify_finish_user_wait(iter);
	}
	pm_kept_put(kept);
	return err;
}

static void pm_mark_free(struct fsnotify_mark *mark)
{
	kfree(mark);
}

static const struct fsnotify_ops pm_guard_events = {
	.handle_event = pm_guard_event,
	.free_mark = pm_mark_free,
};

static int pm_watch_name(struct pm_kept *kept)
{
	struct fsnotify_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	int err;

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

/* ---- by a descriptor ---- */

/**
 * struct pm_guard_ops - operations that wait, in place of others
 * @entry: in pm_guard_list; stays until the module goes, as files may be used at any time
 * @real: the others
 * @copy: as they were, for they may be those of a module that has been loaded anew
 * @ops: what stands in their place
 */
struct pm_guard_ops {
	struct list_head entry;
	const struct file_operations *real;
	struct file_operations copy;
	struct file_operations ops;
};

static LIST_HEAD(pm_guard_list);	/* under the lock of keep.c; only grows */

/* Those who are in one of the functions below, and return to it from the real one. */
static atomic_t pm_guard_users = ATOMIC_INIT(0);

#define PM_GUARDED(type, call) \
({ \
	type __ret; \
	atomic_inc(&pm_guard_users); \
	__ret = (call); \
	atomic_dec(&pm_guard_users); \
	__ret; \
})

/* The object of a file is about to be used. 0, or an error of pm_kept_await(). */
static int pm_guard_enter(const struct file *file)
{
	struct pm_kept *kept = pm_kept_of(file);
	int err = 0;

	if (!kept)
		return 0;
	err = pm_kept_await(kept);
	pm_kept_put(kept);
	return err;
}

/* One that comes home maps it as it is in its image. */
static int pm_guard_enter_map(const struct file *file)
{
	struct pm_thread *thread = pm_thread_current();

	if (thread && thread->proc->mm && pm_mm_arriving(thread->proc->mm))
		return 0;
	return pm_guard_enter(file);
}

static int pm_guard_mmap(struct file *file, struct vm_area_struct *vma)
{
	return PM_GUARDED(int, pm_guard_enter_map(file) ?: pm_file_ops(file)->mmap(file, vma));
}

static unsigned long pm_guard_get_area(struct file *file, unsigned long addr, unsigned long len,
				       unsigned long pgoff, unsigned long flags)
{
	return PM_GUARDED(unsigned long, pm_guard_enter_map(file) ?:
			  pm_file_ops(file)->get_unmapped_area(file, addr, len, pgoff, flags));
}

/* Who must not wait comes again. */
static int pm_guard_enter_io(const struct kiocb *iocb)
{
	return iocb->ki_flags & IOCB_NOWAIT && !pm_thread_current() ? -EAGAIN :
	       pm_guard_enter(iocb->ki_filp);
}

static ssize_t pm_guard_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;

	return PM_GUARDED(ssize_t, pm_guard_enter_io(iocb) ?:
			  pm_file_ops(file)->read_iter(iocb, to));
}

static ssize_t pm_guard_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;

	return PM_GUARDED(ssize_t, pm_guard_enter_io(iocb) ?:
			  pm_file_ops(file)->write_iter(iocb, from));
}

static long pm_guard_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	return PM_GUARDED(long, pm_guard_enter(file) ?:
			  pm_file_ops(file)->fallocate(file, mode, offset, len));
}

static int pm_guard_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return PM_GUARDED(int, pm_guard_enter(file) ?:
			  pm_file_ops(file)->fsync(file, start, end, datasync));
}

static loff_t pm_guard_llseek(struct file *file, loff_t offset, int whence)
{
	bool data = whence == SEEK_DATA || whence == SEEK_HOLE;

	return PM_GUARDED(loff_t, (data ? pm_guard_enter(file) : 0) ?:
			  pm_file_ops(file)->llseek(file, offset, whence));
}

static long pm_guard_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return PM_GUARDED(long, pm_guard_enter(file) ?:
			  pm_file_ops(file)->unlocked_ioctl(file, cmd, arg));
}

static long pm_guard_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return PM_GUARDED(long, pm_guard_enter(file) ?:
			  pm_file_ops(file)->compat_ioctl(file, cmd, arg));
}

static ssize_t pm_guard_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
				    size_t len, unsigned int flags)
{
	return PM_GUARDED(ssize_t, pm_guard_enter(file) ?:
			  pm_file_ops(file)->splice_read(file, pos, pipe, len, flags));
}

static ssize_t pm_guard_splice_write(struct pipe_inode_info *pipe, struct file *file, loff_t *pos,
				     size_t len, unsigned int flags)
{
	return PM_GUARDED(ssize_t, pm_guard_enter(file) ?:
			  pm_file_ops(file)->splice_write(pipe, file, pos, len, flags));
}

/* Every file that is mapped has this one. */
static bool pm_is_guard(const struct file_operations *ops)
{
	return ops->mmap == pm_guard_mmap;
}

const struct file_operations *pm_file_ops(const struct file *file)
{
	const struct file_operations *ops = READ_ONCE(file->f_op);

	return pm_is_guard(ops) ? container_of(ops, struct pm_guard_ops, ops)->real : ops;
}

static struct pm_guard_ops *pm_guard_new(const struct file_operations *real)
{
	struct pm_guard_ops *guard = kzalloc(sizeof(*guard), GFP_KERNEL);

	if (!guard)
		return NULL;
	guard->real = real;
	guard->copy = *real;
	/* the owner too, whom the file has a reference to */
	guard->ops = *real;
	guard->ops.mmap = pm_guard_mmap;
	guard->ops.get_unmapped_area = real->get_unmapped_area ? pm_guard_get_area : NULL;
	guard->ops.read_iter = real->read_iter ? pm_guard_read_iter : NULL;
	guard->ops.write_iter = real->write_iter ? pm_guard_write_iter : NULL;
	guard->ops.fallocate = real->fallocate ? pm_guard_fallocate : NULL;
	guard->ops.fsync = real->fsync ? pm_guard_fsync : NULL;
	guard->ops.llseek = real->llseek ? pm_guard_llseek : NULL;
	guard->ops.unlocked_ioctl = real->unlocked_ioctl ? pm_guard_ioctl : NULL;
	guard->ops.compat_ioctl = real->compat_ioctl ? pm_guard_compat_ioctl : NULL;
	guard->ops.splice_read = real->splice_read ? pm_guard_splice_read : NULL;
	guard->ops.splice_write = real->splice_write ? pm_guard_splice_write : NULL;
	list_add(&guard->entry, &pm_guard_list);
	return guard;
}

static struct pm_guard_ops *pm_guard_find(const struct file_operations *real)
{
	struct pm_guard_ops *guard;

	list_for_each_entry(guard, &pm_guard_list, entry)
		if (guard->real == real && !memcmp(&guard->copy, real, sizeof(*real)))
			return guard;
	return pm_guard_new(real);
}

static int pm_watch_file(struct pm_kept *kept, struct file *file)
{
	struct pm_guard_ops *guard = pm_guard_find(file->f_op);
	struct pm_watched *watched = kzalloc(sizeof(*watched), GFP_KERNEL_ACCOUNT);

	if (!guard || !watched) {
		kfree(watched);
		return -ENOMEM;
	}
	watched->real = file->f_op;
	watched->file = get_file(file);
	pm_kept_add(kept, watched);
	WRITE_ONCE(file->f_op, &guard->ops);
	return 0;
}

/* A file by which the object is mapped that is not watched yet, with a reference, or NULL. */
static struct file *pm_unwatched(struct pm_kept *kept)
{
	struct address_space *mapping = kept->file->f_mapping;
	struct vm_area_struct *vma;
	struct file *file = NULL;
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !file; node = rb_next(node)) {
		vma = rb_entry(node, struct vm_area_struct, shared.rb);
		if (!pm_is_guard(vma->vm_file->f_op))
			file = get_file(vma->vm_file);
	}
	i_mmap_unlock_read(mapping);
	return file;
}

/* ---- the watch ---- */

int pm_watch(struct pm_kept *kept)
{
	struct file *file;
	int err = 0;

	if (pm_file_sysv(kept->file))
		return 0;
	if (!kept->mark)
		err = pm_watch_name(kept);
	while (!err && (file = pm_unwatched(kept))) {
		err = pm_watch_file(kept, file);
		fput(file);
	}
	return err;
}

int pm_watch_begun(const struct file *file)
{
	if (!pm_file_sysv(file))
		return 0;
	if (down_write_killable(&pm_shmat_sem))
		return -EINTR;
	up_write(&pm_shmat_sem);
	return 0;
}

void pm_unwatch(struct pm_kept *kept)
{
	struct pm_watched *watched;

	list_for_each_entry(watched, &kept->watched, entry)
		WRITE_ONCE(watched->file->f_op, watched->real);
	if (!kept->mark)
		return;
	fsnotify_destroy_mark(kept->mark, pm_guards);
	fsnotify_put_mark(kept->mark);
	kept->mark = NULL;
}

/* ---- stand-ins ---- */

bool pm_outside_changes(const struct pt_regs *regs)
{
	return pm_kept_any();
}

int pm_outside_do_truncate(struct user_namespace *ns, struct dentry *dentry, loff_t size,
			   unsigned int times, struct file *file)
{
	struct pm_kept *kept = pm_kept_get(pm_kept_is_named, d_inode(dentry));
	int err = kept ? pm_kept_await(kept) : 0;

	if (kept)
		pm_kept_put(kept);
	err = err ?: pm_do_truncate(ns, dentry, size, times, file);
	module_put(THIS_MODULE);
	return err;
}

ssize_t pm_outside_vfs_copy_file_range(struct file *in, loff_t from, struct file *out, loff_t to,
				       size_t len, unsigned int flags)
{
	ssize_t ret = pm_guard_enter(in) ?: pm_guard_enter(out) ?:
		      vfs_copy_file_range(in, from, out, to, len, flags);

	module_put(THIS_MODULE);
	return ret;
}

loff_t pm_outside_vfs_clone_file_range(struct file *in, loff_t from, struct file *out, loff_t to,
				       loff_t len, unsigned int flags)
{
	loff_t ret = pm_guard_enter(in) ?: pm_guard_enter(out) ?:
		     vfs_clone_file_range(in, from, out, to, len, flags);

	module_put(THIS_MODULE);
	return ret;
}

static bool pm_kept_is_segment(const struct pm_kept *kept, const void *shmid)
{
	return pm_file_sysv(kept->file) && file_inode(kept->file)->i_ino == *(const int *)shmid;
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
	while (!err && (kept = pm_kept_get(pm_kept_is_segment, &shmid))) {
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

int pm_guard_init(void)
{
	pm_guards = fsnotify_alloc_group(&pm_guard_events, 0);
	return PTR_ERR_OR_ZERO(pm_guards);
}

void pm_guard_exit(void)
{
	struct pm_guard_ops *guard, *next;

	pm_fsnotify_destroy_group(pm_guards);
	/* who has just found the operations of a file is on his way to them, or through */
	synchronize_rcu_tasks();
	while (atomic_read(&pm_guard_users))
		schedule_timeout_idle(HZ / 10);
	synchronize_rcu_tasks();
	list_for_each_entry_safe(guard, next, &pm_guard_list, entry)
		kfree(guard);
}
