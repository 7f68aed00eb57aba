// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory: the objects that a process maps, by number.
 *
 * An object is what the kernel has a file without a name for: shared anonymous memory, a memfd.
 * It can move only while it is *closed*: nobody gets at it but through the mappings of the process
 * that moves. Then it goes with the process like private memory, and at the remote node it is an
 * object of the same kind. At home its file stays, so that it is the same one again.
 *
 * All of its pages are part of it, also those that are not mapped (now): mremap() can show them.
 * So they are known by object and offset, see mem_wire.h.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include "compat.h"
#include "space.h"

/* A process may have so many at a time, as many as mappings. */
#define PM_OBJECTS_LIVE	65536

/*
 * All objects by file. A reference of the module to a file comes and goes together with its entry,
 * under this lock, so that those of others can be told from it.
 */
static DEFINE_HASHTABLE(pm_objects, 10);
static DEFINE_SPINLOCK(pm_objects_lock);

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

/* A process with this address space, or 0. */
static pid_t pm_pid_of(const struct mm_struct *mm)
{
	struct task_struct *task;
	pid_t pid = 0;

	rcu_read_lock();
	for_each_process(task) {
		if (READ_ONCE(task->mm) != mm)
			continue;
		pid = task_tgid_nr(task);
		break;
	}
	rcu_read_unlock();
	return pid;
}

/*
 * Mappings of @file, if all of its inode are of @mm and of the same file; else 0, with the reason
 * in @why. Caller holds mmap_lock of @mm.
 */
static long pm_object_maps(struct mm_struct *mm, struct file *file, char *why, size_t len)
{
	struct address_space *mapping = file->f_mapping;
	struct vm_area_struct *vma;
	struct rb_node *node;
	long n = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node; node = rb_next(node)) {
		vma = rb_entry(node, struct vm_area_struct, shared.rb);
		if (vma->vm_mm != mm) {
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

/* References to @file that are not the module's. */
static long pm_object_refs(struct file *file)
{
	struct pm_object *object;
	long refs;

	spin_lock(&pm_objects_lock);
	refs = file_count(file);
	hash_for_each_possible(pm_objects, object, by_file, (unsigned long)file)
		refs -= object->file == file;
	spin_unlock(&pm_objects_lock);
	return refs;
}

/**
 * pm_object_closed() - do only the mappings of one address space lead to this object?
 * @mm: the address space, mmap_lock is held
 * @file: the object
 * @held: references to @file that the caller holds
 * @why: what else does, or what else forbids to move it
 * @len: size of @why
 *
 * Once it is so, only the process itself can change it. Context: may sleep.
 * Return: 0; -EBUSY a reference is held elsewhere, perhaps by a call of one of its threads;
 * -EOPNOTSUPP for other reasons.
 */
int pm_object_closed(struct mm_struct *mm, struct file *file, unsigned int held, char *why,
		     size_t len)
{
	static const char open[] = "shared memory that a descriptor or a name leads to";
	struct inode *inode = file_inode(file);
	long maps = pm_object_maps(mm, file, why, len);
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
	if (!odd && pm_object_refs(file) == maps + held)
		return 0;
	snprintf(why, len, "%s", odd ?: open);
	return odd ? -EOPNOTSUPP : -EBUSY;
}

/* The number of a mapped file, 0 if it is no object that @mm knows. Does not sleep. */
static u32 pm_object_of(struct pm_mm *mm, struct file *file)
{
	struct pm_object *object;
	u32 id = 0;

	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects, object, by_file, (unsigned long)file)
		if (object->file == file && object->mm == mm)
			id = object->id;
	spin_unlock(&pm_objects_lock);
	return id;
}

u32 pm_vma_object(struct pm_mm *mm, struct vm_area_struct *vma)
{
	return pm_vma_shared(vma) ? pm_object_of(mm, vma->vm_file) : 0;
}

u64 pm_page_addr(struct pm_mm *mm, struct vm_area_struct *vma, unsigned long addr)
{
	u64 offset = (u64)linear_page_index(vma, addr) << PAGE_SHIFT;

	if (!pm_vma_shared(vma))
		return addr & PAGE_MASK;
	/* beyond the largest object there is no page, and this names none */
	return pm_object_addr(pm_object_of(mm, vma->vm_file), min(offset, PM_OBJECT_SIZE));
}

static void pm_object_free(struct kref *ref)
{
	struct pm_object *object = container_of(ref, struct pm_object, ref);

	spin_lock(&pm_objects_lock);
	hash_del(&object->by_file);
	fput(object->file);
	spin_unlock(&pm_objects_lock);
	kfree(object);
}

void pm_object_put(struct pm_object *object)
{
	kref_put(&object->ref, pm_object_free);
}

/* An object with a reference, or NULL. May sleep. */
struct pm_object *pm_object_get(struct pm_mm *mm, u32 id)
{
	struct pm_object *object;

	mutex_lock(&mm->lock);
	object = xa_load(&mm->objects, id);
	if (object)
		kref_get(&object->ref);
	mutex_unlock(&mm->lock);
	return object;
}

/* The first object from number *@id on, which becomes its own, with a reference; or NULL. */
struct pm_object *pm_object_next(struct pm_mm *mm, unsigned long *id)
{
	struct pm_object *object;

	mutex_lock(&mm->lock);
	object = xa_find(&mm->objects, id, ULONG_MAX, XA_PRESENT);
	if (object)
		kref_get(&object->ref);
	mutex_unlock(&mm->lock);
	return object;
}

/* Enter an object under a number that is free. Caller holds pm_mm.lock. 0, -E2BIG, -ENOMEM. */
static int pm_object_enter(struct pm_mm *mm, u32 id, struct file *file)
{
	struct pm_object *object;
	int err;

	if (mm->object_n >= PM_OBJECTS_LIVE)
		return -E2BIG;
	object = kmalloc(sizeof(*object), GFP_KERNEL_ACCOUNT);
	if (!object)
		return -ENOMEM;
	kref_init(&object->ref);
	object->id = id;
	object->mm = mm;
	object->file = file;
	err = xa_err(xa_store(&mm->objects, id, object, GFP_KERNEL_ACCOUNT));
	if (err) {
		kfree(object);
		return err;
	}
	spin_lock(&pm_objects_lock);
	get_file(file);
	hash_add(pm_objects, &object->by_file, (unsigned long)file);
	spin_unlock(&pm_objects_lock);
	mm->object_n++;
	mm->object_last = max(mm->object_last, id);
	return 0;
}

/**
 * pm_object_export() - source: the number of an object that goes with the process
 * @mm: address space
 * @file: the object
 *
 * Context: may sleep. Return: its number, a new one for a new object; -ENOMEM; -E2BIG there are too
 * many, or have been.
 */
int pm_object_export(struct pm_mm *mm, struct file *file)
{
	int id;

	mutex_lock(&mm->lock);
	id = pm_object_of(mm, file);
	if (!id && mm->object_last >= PM_OBJECTS_MAX)
		id = -E2BIG;
	else if (!id)
		id = pm_object_enter(mm, mm->object_last + 1, file) ?: mm->object_last;
	mutex_unlock(&mm->lock);
	return id;
}

/* Is it the object that the image speaks of? */
static bool pm_object_same(struct file *file, u64 size, u32 flags)
{
	struct inode *inode = file_inode(file);

	return i_size_read(inode) == size &&
	       pm_shmem_noreserve(inode) == !!(flags & PM_OBJ_NORESERVE);
}

/**
 * pm_object_import() - sink: an object of the image
 * @mm: address space
 * @img: from the peer, not checked yet
 *
 * At home it may be there, as it was left; else it is made, empty.
 * Context: current is of the address space; may sleep.
 * Return: 0, -EPROTO, -EOPNOTSUPP, -E2BIG, -ENOMEM, or an error of shmem.
 */
int pm_object_import(struct pm_mm *mm, const struct pm_img_object *img)
{
	u32 id = le32_to_cpu(img->id), flags = le32_to_cpu(img->flags);
	u64 size = le64_to_cpu(img->size);
	struct pm_object *object;
	struct file *file;
	int err;

	if (!id || id > PM_OBJECTS_MAX || flags & ~PM_OBJ_ALL || size > PM_OBJECT_SIZE)
		return -EPROTO;
	object = pm_object_get(mm, id);
	if (object) {
		err = pm_object_same(object->file, size, flags) ? 0 : -EPROTO;
		pm_object_put(object);
		return err;
	}
	file = pm_shmem_file("dev/zero", size, flags & PM_OBJ_NORESERVE);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = pm_shmem_odd(file_inode(file)) ? -EOPNOTSUPP : 0;
	mutex_lock(&mm->lock);
	err = err ?: pm_object_enter(mm, id, file);
	mutex_unlock(&mm->lock);
	/* from now on it is the table's */
	fput(file);
	return err;
}

/* Does this address space map the object? */
static bool pm_object_mapped(const struct pm_mm *mm, const struct pm_object *object)
{
	struct address_space *mapping = object->file->f_mapping;
	struct rb_node *node;
	bool mapped = false;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !mapped; node = rb_next(node))
		mapped = rb_entry(node, struct vm_area_struct, shared.rb)->vm_mm == mm->mm;
	i_mmap_unlock_read(mapping);
	return mapped;
}

/* Forget those objects that are not mapped, or all. */
static void pm_objects_remove(struct pm_mm *mm, bool all)
{
	struct pm_object *object;
	unsigned long index;

	mutex_lock(&mm->lock);
	xa_for_each(&mm->objects, index, object) {
		if (!all && pm_object_mapped(mm, object))
			continue;
		xa_erase(&mm->objects, index);
		mm->object_n--;
		pm_map_forget(&mm->map, pm_object_addr(index, 0), pm_object_addr(index + 1, 0));
		pm_object_put(object);
	}
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
}

/**
 * pm_objects_prune() - forget the objects that are not mapped any more
 * @mm: address space that is in use here
 *
 * Nobody can map them again, so their pages are not missed either. Context: may sleep, no locks.
 */
void pm_objects_prune(struct pm_mm *mm)
{
	if (!xa_empty(&mm->objects))
		pm_objects_remove(mm, false);
}

/* Forget all objects. May sleep. */
void pm_objects_drop(struct pm_mm *mm)
{
	pm_objects_remove(mm, true);
	xa_destroy(&mm->objects);
}

/**
 * pm_objects_zap() - home: free the pages of all objects
 * @mm: address space of a process that is away and wants no more of them
 *
 * Context: sleeps; caller holds pm_mm.zap_lock.
 */
void pm_objects_zap(struct pm_mm *mm)
{
	struct pm_object *object;
	unsigned long id;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		shmem_truncate_range(file_inode(object->file), 0, -1);
		pm_object_put(object);
	}
}
