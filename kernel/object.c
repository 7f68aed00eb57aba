// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory: the objects that a process maps, by number.
 *
 * An object is a file: shared anonymous memory, a memfd, a System V segment, or one with a name. It
 * can move only while it is *closed* (closed.c): nobody gets at it but through the mappings of the
 * processes that move. Then it goes with them like private memory, and at the remote node it is
 * shared anonymous memory. At home its file stays, so that it is the same one again. One to which
 * others at home can come at any time, by its name or number, is *kept*: see keep.c and linger.c.
 *
 * Processes that share objects are a family (family.c). Each numbers its objects on its own; by its
 * key, an object is the same one for all of them. Only one of their images tells of its pages.
 *
 * All of its pages are part of it, also those that are not mapped (now): mremap() can show them.
 * So they are known by object and offset, see mem_wire.h.
 */
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "space.h"

/* A process may have so many at a time, as many as mappings. */
#define PM_OBJECTS_LIVE	65536

/*
 * All objects by inode and by key. A reference of the module to a file comes and goes together with
 * its entry, under this lock, so that those of others can be told from it.
 */
static DEFINE_HASHTABLE(pm_objects, 10);
static DEFINE_HASHTABLE(pm_objects_by_key, 10);
static DEFINE_SPINLOCK(pm_objects_lock);
/* Kept objects whose processes have ended here, until their home takes them; under the lock. */
static LIST_HEAD(pm_lingering);
static DECLARE_WAIT_QUEUE_HEAD(pm_objects_wait);

static unsigned long pm_object_hash(const struct file *file)
{
	return (unsigned long)file_inode(file);
}

/* What leads to one object are several files, if it has been opened more than once. */
static bool pm_object_is(const struct pm_object *object, const struct file *file)
{
	return file_inode(object->file) == file_inode(file);
}

/* References to @file that are not the module's. */
long pm_object_refs(struct file *file)
{
	struct pm_object *object;
	long refs;

	spin_lock(&pm_objects_lock);
	refs = file_count(file) - pm_kept_refs(file);
	hash_for_each_possible(pm_objects, object, by_inode, pm_object_hash(file))
		refs -= object->file == file;
	spin_unlock(&pm_objects_lock);
	return refs;
}

u32 pm_object_of(struct pm_mm *mm, struct file *file)
{
	struct pm_object *object;
	u32 id = 0;

	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects, object, by_inode, pm_object_hash(file))
		if (pm_object_is(object, file) && object->mm == mm)
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

/* Has an address space here the object of this key? Under the lock. */
static bool pm_object_in_use(u32 home, u64 key)
{
	struct pm_object *object;

	lockdep_assert_held(&pm_objects_lock);
	hash_for_each_possible(pm_objects_by_key, object, by_key, key)
		if (object->key == key && object->home == home)
			return true;
	return false;
}

static void pm_object_free(struct kref *ref)
{
	struct pm_object *object = container_of(ref, struct pm_object, ref);
	u32 home = object->home;
	bool lingers;

	spin_lock(&pm_objects_lock);
	hash_del(&object->by_inode);
	hash_del(&object->by_key);
	lingers = object->left && !pm_object_in_use(object->home, object->key);
	if (lingers)
		list_add_tail(&object->lingers, &pm_lingering);
	else
		fput(object->file);
	spin_unlock(&pm_objects_lock);
	if (lingers)
		pm_linger_added(home);
	else
		kfree(object);
	wake_up_all(&pm_objects_wait);
}

/* What is left of an object, to be served, or NULL. False if it has to be waited for. */
static bool pm_linger_take(u32 home, u64 key, struct pm_object **left)
{
	struct pm_object *object;
	bool wait;

	*left = NULL;
	spin_lock(&pm_objects_lock);
	wait = pm_object_in_use(home, key);
	list_for_each_entry(object, &pm_lingering, lingers) {
		if (object->key != key || object->home != home)
			continue;
		wait = wait || object->served;
		if (!wait && !*left)
			*left = object;
	}
	if (*left)
		(*left)->served = true;
	spin_unlock(&pm_objects_lock);
	return !wait;
}

struct pm_object *pm_linger_wait(u32 home, u64 key, struct pm_chan *chan)
{
	struct pm_object *left = NULL;

	while (!wait_event_idle_timeout(pm_objects_wait, pm_chan_dead(chan) ||
					pm_linger_take(home, key, &left), HZ / 10))
		;
	return left;
}

void pm_linger_done(struct pm_object *left, bool taken)
{
	spin_lock(&pm_objects_lock);
	left->served = false;
	taken = taken || left->forgotten;
	if (taken) {
		list_del(&left->lingers);
		fput(left->file);
	}
	spin_unlock(&pm_objects_lock);
	if (taken)
		kfree(left);
	wake_up_all(&pm_objects_wait);
}

/**
 * pm_linger_forget() - remote: nobody will ask for what is left of objects
 * @home: of their home
 * @key: this one, 0: all
 *
 * Context: does not sleep.
 */
void pm_linger_forget(u32 home, u64 key)
{
	struct pm_object *object, *next;

	spin_lock(&pm_objects_lock);
	list_for_each_entry_safe(object, next, &pm_lingering, lingers) {
		if (object->home != home || (key && object->key != key))
			continue;
		object->forgotten = true;
		if (object->served)
			continue;
		list_del(&object->lingers);
		fput(object->file);
		kfree(object);
	}
	spin_unlock(&pm_objects_lock);
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

/* The key of the object that @file is if somebody knows it, or @otherwise. Under the lock. */
static u64 pm_object_key(struct file *file, u64 otherwise)
{
	struct pm_object *object;

	lockdep_assert_held(&pm_objects_lock);
	hash_for_each_possible(pm_objects, object, by_inode, pm_object_hash(file))
		if (pm_object_is(object, file))
			return object->key;
	return otherwise;
}

struct file *pm_object_kin(struct pm_mm *mm, u64 key)
{
	struct pm_object *object;
	struct file *file = NULL;

	if (!mm->party)
		return NULL;
	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects_by_key, object, by_key, key) {
		if (object->key != key || object->mm->home != mm->home ||
		    object->mm->party != mm->party)
			continue;
		file = get_file(object->file);
		break;
	}
	spin_unlock(&pm_objects_lock);
	return file;
}

/**
 * pm_object_claim() - source: is it for this address space's image to tell of the pages?
 * @object: one of its objects
 * @party: number of the move of several processes, 0: it moves alone
 *
 * The first of a family who asks has to, and the answer stays in @object->told.
 * Context: any that does not sleep. Return: true if so.
 */
bool pm_object_claim(struct pm_object *object, u64 party)
{
	struct pm_object *pos;
	bool mine = true;

	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects, pos, by_inode, pm_object_hash(object->file))
		if (party && pos != object && pm_object_is(pos, object->file) &&
		    pos->party == party)
			mine = false;
	if (mine)
		object->party = party;
	object->told = mine;
	spin_unlock(&pm_objects_lock);
	return mine;
}

u64 pm_object_owner(const struct file *file)
{
	struct pm_object *pos;
	u64 proc = 0;

	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects, pos, by_inode, pm_object_hash(file))
		if (pm_object_is(pos, file) && READ_ONCE(pos->guarded))
			proc = pos->mm->proc;
	spin_unlock(&pm_objects_lock);
	return proc;
}

/* Home: does one have the object whose process is coming back, perhaps not mapped yet? */
bool pm_object_coming(struct file *file)
{
	struct pm_object *pos;
	bool coming = false;

	spin_lock(&pm_objects_lock);
	hash_for_each_possible(pm_objects, pos, by_inode, pm_object_hash(file))
		if (pm_object_is(pos, file) && !test_bit(PM_MM_AWAY, &pos->mm->flags))
			coming = true;
	spin_unlock(&pm_objects_lock);
	return coming;
}

static void pm_object_set_flags(struct pm_mm *mm, struct pm_object *object, u32 flags)
{
	object->flags = flags;
	if (flags & PM_OBJ_KEPT)
		xa_set_mark(&mm->objects, object->id, PM_OBJECT_KEPT);
	else
		xa_clear_mark(&mm->objects, object->id, PM_OBJECT_KEPT);
	if (flags & PM_OBJ_FILE)
		xa_set_mark(&mm->objects, object->id, PM_OBJECT_FILE);
}

void pm_object_renew(struct pm_mm *mm, struct pm_object *object, bool keep)
{
	if (mm->home != pm_self_id())
		return;
	mutex_lock(&mm->lock);
	pm_object_set_flags(mm, object,
			    pm_file_flags(object->file) | (keep ? PM_OBJ_KEPT : 0));
	mutex_unlock(&mm->lock);
}

int pm_object_enter(struct pm_mm *mm, u32 id, u64 key, u32 flags, struct file *file)
{
	struct pm_object *object;
	int err;

	if (mm->object_n >= PM_OBJECTS_LIVE)
		return -E2BIG;
	object = kzalloc(sizeof(*object), GFP_KERNEL_ACCOUNT);
	if (!object)
		return -ENOMEM;
	kref_init(&object->ref);
	object->id = id;
	object->mm = mm;
	object->home = mm->home;
	object->file = file;
	err = xa_err(xa_store(&mm->objects, id, object, GFP_KERNEL_ACCOUNT));
	if (err) {
		kfree(object);
		return err;
	}
	spin_lock(&pm_objects_lock);
	get_file(file);
	object->key = key ?: pm_object_key(file, get_random_u64() | 1);
	hash_add(pm_objects, &object->by_inode, pm_object_hash(file));
	hash_add(pm_objects_by_key, &object->by_key, object->key);
	spin_unlock(&pm_objects_lock);
	pm_object_set_flags(mm, object, flags);
	set_bit(PM_MM_SHARED, &mm->flags);
	mm->object_n++;
	mm->object_last = max(mm->object_last, id);
	return 0;
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
		/* of a process that ran here, and has not moved on */
		object->left = object->flags & PM_OBJ_KEPT && mm->home != pm_self_id() &&
			       test_bit(PM_MM_SINK, &mm->flags) &&
			       !test_bit(PM_MM_MOVED, &mm->flags);
		pm_object_unguard(mm, object, false);
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

