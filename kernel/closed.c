// SPDX-License-Identifier: GPL-2.0
/*
 * Who can get at an object of shared memory: whether it is closed, so that it can move, and whether
 * anybody at home still wants its pages.
 */
#include <linux/backing-dev.h>
#include <linux/dax.h>
#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/shmem_fs.h>
#include "compat.h"
#include "space.h"

/* All of a file is fetched before the program goes on, mapped or not. */
#define PM_FILE_MAX	(64 << 20)

/* Is it a file whose mappings are those of its page cache, and can be made of other memory? */
static bool pm_file_cached(struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode))
		return false;
	return shmem_mapping(file->f_mapping) ||
	       (mapping_can_writeback(file->f_mapping) && file->f_op->write_iter &&
		file_inode(file)->i_sb->s_type->fs_flags & FS_REQUIRES_DEV);
}

bool pm_vma_shared(struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_SHARED && !(vma->vm_flags & (VM_IO | VM_PFNMAP)) &&
	       !is_vm_hugetlb_page(vma) && !vma_is_dax(vma) && pm_file_cached(vma->vm_file);
}

bool pm_file_sysv(const struct file *file)
{
	return shmem_mapping(file->f_mapping) && !file->f_op->read_iter;
}

u32 pm_file_flags(const struct file *file)
{
	struct inode *inode = file_inode(file);
	u32 flags;

	/* memory is not set aside for a file: it may be that it is not mapped to its end */
	if (!shmem_mapping(file->f_mapping))
		return PM_OBJ_NORESERVE | PM_OBJ_KEPT | PM_OBJ_FILE;
	flags = pm_shmem_noreserve(inode) ? PM_OBJ_NORESERVE : 0;
	/* where room is limited, its pages at home stay, lest it should be gone */
	if (inode->i_nlink || pm_file_sysv(file) || pm_shmem_limited(inode))
		flags |= PM_OBJ_KEPT;
	return flags;
}

/**
 * pm_mm_shares() - remote: has the program memory that a child would share with it?
 * @mm: address space
 *
 * Context: may sleep, takes mmap_lock. Return: true if so.
 */
bool pm_mm_shares(struct pm_mm *mm)
{
	struct vm_area_struct *vma;
	bool shares = false;

	/* of most programs that is known without a look at all that they map */
	if (!test_bit(PM_MM_SHARED, &mm->flags))
		return false;
	mmap_read_lock(mm->mm);
	for (vma = find_vma(mm->mm, 0); vma && !shares; vma = find_vma(mm->mm, vma->vm_end))
		shares = pm_vma_shared(vma);
	mmap_read_unlock(mm->mm);
	return shares;
}

struct task_struct *pm_task_of(const struct mm_struct *mm)
{
	struct task_struct *leader, *task, *found = NULL;

	rcu_read_lock();
	for_each_process_thread(leader, task) {
		if (READ_ONCE(task->mm) != mm || task->flags & PF_KTHREAD)
			continue;
		found = get_task_struct(task);
		goto unlock;
	}
unlock:
	rcu_read_unlock();
	return found;
}

/* A process with this address space, or 0. */
static pid_t pm_pid_of(const struct mm_struct *mm)
{
	struct task_struct *task = pm_task_of(mm);
	pid_t pid = task ? task_tgid_nr(task) : 0;

	if (task)
		put_task_struct(task);
	return pid;
}

/* Is an address space of the group? */
static bool pm_group_has(const struct pm_group *group, struct mm_struct *user_mm)
{
	struct pm_mm *mm;
	bool has;

	if (user_mm == group->mm ||
	    (group->mms && xa_load(group->mms, pm_mm_index(user_mm))))
		return true;
	mm = group->party ? pm_mm_find(user_mm) : NULL;
	if (!mm)
		return false;
	has = READ_ONCE(mm->stopped) == group->party;
	pm_mm_put(mm);
	return has;
}

/**
 * struct pm_leads - what leads to an object
 * @maps: mappings
 * @files: files that are mapped
 * @refs: references to these that are not the module's
 * @fds: descriptors for these that those who have mapped them have
 * @last: the last of these
 * @seen: all of these
 * @mms: who has mapped them
 * @tables: their tables of descriptors
 */
struct pm_leads {
	long maps;
	long files;
	long refs;
	long fds;
	struct file *last;
	struct xarray seen;
	struct xarray mms;
	struct xarray tables;
};

static unsigned long pm_leads_index(const void *pointer)
{
	return (unsigned long)pointer >> 4;
}

/* One more mapping. i_mmap_rwsem is held: reclaim takes it. */
static int pm_leads_add(struct pm_leads *leads, struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	int err = 0;

	leads->maps++;
	if (file != leads->last && !xa_load(&leads->seen, pm_leads_index(file))) {
		err = xa_err(xa_store(&leads->seen, pm_leads_index(file), file, GFP_ATOMIC));
		leads->files++;
		leads->refs += pm_object_refs(file);
	}
	leads->last = file;
	err = err ?: xa_err(xa_store(&leads->mms, pm_mm_index(vma->vm_mm), vma->vm_mm,
				     GFP_ATOMIC));
	return err ? -EBUSY : 0;
}

static int pm_leads_fd(const void *arg, struct file *file, unsigned int fd)
{
	struct pm_leads *leads = (void *)arg;

	leads->fds += !!xa_load(&leads->seen, pm_leads_index(file));
	return 0;
}

/* The descriptors of a process, unless it has them in common with somebody else. */
static void pm_leads_task(struct pm_leads *leads, struct task_struct *task)
{
	struct files_struct *files;

	task_lock(task);
	files = task->files;
	if (files && atomic_read(&files->count) <= get_nr_threads(task) &&
	    !xa_load(&leads->tables, pm_leads_index(files)) &&
	    !xa_err(xa_store(&leads->tables, pm_leads_index(files), files, GFP_ATOMIC)))
		iterate_fd(files, 0, pm_leads_fd, leads);
	task_unlock(task);
}

static void pm_leads_fds(struct pm_leads *leads)
{
	struct task_struct *task;
	struct mm_struct *mm;
	unsigned long index;

	xa_for_each(&leads->mms, index, mm) {
		task = pm_task_of(mm);
		if (!task)
			continue;
		pm_leads_task(leads, task);
		put_task_struct(task);
	}
}

static int pm_fd_is(const void *inode, struct file *file, unsigned int fd)
{
	return file_inode(file) == inode;
}

/* A process that has the object open, and is none of those who have mapped it; or 0. */
static pid_t pm_pid_open(struct pm_leads *leads, struct file *file)
{
	struct task_struct *task;
	pid_t pid = 0;

	rcu_read_lock();
	for_each_process(task) {
		task_lock(task);
		if (task->files && (!task->mm || !xa_load(&leads->mms, pm_mm_index(task->mm))) &&
		    iterate_fd(task->files, 0, pm_fd_is, file_inode(file)))
			pid = task_tgid_nr(task);
		task_unlock(task);
		if (pid)
			break;
	}
	rcu_read_unlock();
	return pid;
}

static void pm_object_say(struct pm_leads *leads, struct file *file, char *why, size_t len)
{
	pid_t pid = why ? pm_pid_open(leads, file) : 0;

	if (pid)
		snprintf(why, len, "shared memory that process %d has open", pid);
	else
		snprintf(why, len, "shared memory that is opened twice, or on its way to somebody");
}

/*
 * The mappings of the object that @file is, if all are of the group; else -EOPNOTSUPP, with the
 * reason in @why.
 */
static int pm_object_maps(const struct pm_group *group, struct file *file, struct pm_leads *leads,
			  char *why, size_t len)
{
	struct address_space *mapping = file->f_mapping;
	struct vm_area_struct *vma;
	struct rb_node *node;
	int err = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !err; node = rb_next(node)) {
		vma = rb_entry(node, struct vm_area_struct, shared.rb);
		err = -EOPNOTSUPP;
		if (!pm_group_has(group, vma->vm_mm))
			snprintf(why, len, "memory shared with process %d", pm_pid_of(vma->vm_mm));
		else if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
			snprintf(why, len, "shared memory that is also mapped in another way");
		else if (!(vma->vm_flags & VM_MAYEXEC))
			snprintf(why, len, "shared memory that must not be executed");
		else
			err = pm_leads_add(leads, vma);
	}
	i_mmap_unlock_read(mapping);
	return err;
}

/* How often its name is referred to if only the mapped files do. */
static long pm_object_names(struct file *file, const struct pm_leads *leads)
{
	struct dentry *dentry = file->f_path.dentry;

	/* a segment has a file of its own; a name of a tmpfs is there only by a reference */
	if (pm_file_sysv(file) || (dentry->d_sb->s_magic == TMPFS_MAGIC && !d_unhashed(dentry)))
		return leads->files + 1;
	return leads->files;
}

/* What forbids to move an object of this kind, or NULL. */
static const char *pm_object_odd(struct file *file)
{
	struct inode *inode = file_inode(file);

	if (i_size_read(inode) > PM_OBJECT_SIZE)
		return "shared memory of a terabyte or more";
	if (inode->i_nlink > 1)
		return "a file with several names that is mapped to be written";
	if (!shmem_mapping(file->f_mapping))
		return i_size_read(inode) > PM_FILE_MAX ?
		       "a file of more than 64 MiB that is mapped to be written" : NULL;
	return pm_shmem_odd(inode);
}

/**
 * pm_object_closed() - does only a group of address spaces lead to this object?
 * @group: the address spaces, mmap_lock of the first is held
 * @file: the object
 * @why: what else does, or what else forbids to move it
 * @len: size of @why
 *
 * That is, by their mappings, and by descriptors for what is mapped. Once it is so, only these
 * processes themselves can change it; and of one that is kept, those who come to it while it is
 * watched (keep.c).
 *
 * Context: may sleep.
 * Return: 0; 1 they have descriptors; -EBUSY a reference is held elsewhere, perhaps by a call of
 * one of its threads; -EOPNOTSUPP for other reasons.
 */
int pm_object_closed(const struct pm_group *group, struct file *file, char *why,
		     size_t len)
{
	const char *odd = pm_object_odd(file);
	struct pm_leads leads = {};
	int err;

	if (odd) {
		snprintf(why, len, "%s", odd);
		return -EOPNOTSUPP;
	}
	xa_init(&leads.seen);
	xa_init(&leads.mms);
	xa_init(&leads.tables);
	err = pm_object_maps(group, file, &leads, why, len);
	if (!err && !leads.maps)
		err = -EOPNOTSUPP;
	if (!err && leads.refs != leads.maps)
		pm_leads_fds(&leads);
	if (!err && (leads.refs != leads.maps + leads.fds ||
		     d_count(file->f_path.dentry) != pm_object_names(file, &leads))) {
		pm_object_say(&leads, file, why, len);
		err = -EBUSY;
	}
	xa_destroy(&leads.seen);
	xa_destroy(&leads.mms);
	xa_destroy(&leads.tables);
	return err ?: !!leads.fds;
}

/* Nobody comes back to objects whose pages are being freed. Nests in pm_mm.zap_lock. */
static DEFINE_MUTEX(pm_objects_zap_lock);

/**
 * pm_objects_return() - home: from now on nobody frees the pages of the objects
 * @mm: address space that is not PM_MM_AWAY any more
 *
 * Context: sleeps.
 */
void pm_objects_return(struct pm_mm *mm)
{
	if (xa_empty(&mm->objects))
		return;
	mutex_lock(&pm_objects_zap_lock);
	mutex_unlock(&pm_objects_zap_lock);
}

/* Is the address space that of a process which is away and has all that it wants? */
static bool pm_wants_nothing(struct mm_struct *user_mm)
{
	struct pm_mm *mm = pm_mm_find(user_mm);
	bool away = mm && test_bit(PM_MM_AWAY, &mm->flags) &&
		    READ_ONCE(mm->drained) == READ_ONCE(mm->sink);

	if (mm)
		pm_mm_put(mm);
	return away;
}

/* Home: is the object mapped by a process that is here, or that may want something of it? */
static bool pm_object_wanted(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	struct rb_node *node;
	bool wanted = false;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !wanted; node = rb_next(node))
		wanted = !pm_wants_nothing(rb_entry(node, struct vm_area_struct,
						    shared.rb)->vm_mm);
	i_mmap_unlock_read(mapping);
	return wanted || pm_object_coming(file);
}

/**
 * pm_objects_zap() - home: free the pages of all objects, but of those that a relative has here
 * @mm: address space of a process that is away and wants no more of them
 *
 * Context: sleeps; caller holds pm_mm.zap_lock.
 */
void pm_objects_zap(struct pm_mm *mm)
{
	struct pm_object *object;
	unsigned long id;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		mutex_lock(&pm_objects_zap_lock);
		/* what is kept is all there is if its node fails */
		if (!(object->flags & PM_OBJ_KEPT) && !pm_object_wanted(object->file))
			shmem_truncate_range(file_inode(object->file), 0, -1);
		mutex_unlock(&pm_objects_zap_lock);
		pm_object_put(object);
	}
}
