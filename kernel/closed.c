// SPDX-License-Identifier: GPL-2.0
/*
 * Who can get at an object of shared memory: whether it is closed, so that it can move, and whether
 * anybody at home still wants its pages.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/shmem_fs.h>
#include "compat.h"
#include "space.h"

bool pm_vma_shared(struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_SHARED && pm_vma_is_shmem(vma);
}

/**
 * pm_mm_shares() - has the program memory that a child would share with it?
 * @mm: address space of current
 *
 * Context: may sleep, takes mmap_lock. Return: true if so.
 */
bool pm_mm_shares(struct pm_mm *mm)
{
	struct vm_area_struct *vma;
	bool shares = false;

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

/*
 * Mappings of @file, if all of its inode are of the group and of the same file; else 0, with the
 * reason in @why.
 */
static long pm_object_maps(const struct pm_group *group, struct file *file, char *why, size_t len)
{
	struct address_space *mapping = file->f_mapping;
	struct vm_area_struct *vma;
	struct rb_node *node;
	long n = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node; node = rb_next(node)) {
		vma = rb_entry(node, struct vm_area_struct, shared.rb);
		if (!pm_group_has(group, vma->vm_mm)) {
			snprintf(why, len, "memory shared with process %d", pm_pid_of(vma->vm_mm));
			goto odd;
		}
		if (vma->vm_file != file || (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) !=
					    (VM_SHARED | VM_MAYWRITE)) {
			snprintf(why, len, "shared memory that is also mapped in another way");
			goto odd;
		}
		if (!(vma->vm_flags & VM_MAYEXEC)) {
			snprintf(why, len, "shared memory that must not be executed");
			goto odd;
		}
		n++;
	}
	i_mmap_unlock_read(mapping);
	return n;
odd:
	i_mmap_unlock_read(mapping);
	return 0;
}

/**
 * pm_object_closed() - do only the mappings of a group of address spaces lead to this object?
 * @group: the address spaces, mmap_lock of the first is held
 * @file: the object
 * @why: what else does, or what else forbids to move it
 * @len: size of @why
 *
 * Once it is so, only these processes themselves can change it. Context: may sleep.
 * Return: 0; -EBUSY a reference is held elsewhere, perhaps by a call of one of its threads;
 * -EOPNOTSUPP for other reasons.
 */
int pm_object_closed(const struct pm_group *group, struct file *file, char *why,
		     size_t len)
{
	static const char open[] = "shared memory that a descriptor or a name leads to";
	struct inode *inode = file_inode(file);
	long maps = pm_object_maps(group, file, why, len);
	const char *odd;

	if (!maps)
		return -EOPNOTSUPP;
	if (inode->i_nlink || atomic_read(&inode->i_count) != 1 ||
	    d_count(file->f_path.dentry) != 1)
		odd = open;
	else if (i_size_read(inode) > PM_OBJECT_SIZE)
		odd = "shared memory of a terabyte or more";
	else
		odd = pm_shmem_odd(inode);
	if (!odd && pm_object_refs(file) == maps)
		return 0;
	snprintf(why, len, "%s", odd ?: open);
	return odd ? -EOPNOTSUPP : -EBUSY;
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
		if (!pm_object_wanted(object->file))
			shmem_truncate_range(file_inode(object->file), 0, -1);
		mutex_unlock(&pm_objects_zap_lock);
		pm_object_put(object);
	}
}
