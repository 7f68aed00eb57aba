// SPDX-License-Identifier: GPL-2.0
/* Objects of shared memory as an image tells of them, and as a forked child inherits them. */
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include "compat.h"
#include "image.h"
#include "keep.h"
#include "link.h"
#include "space.h"

/* Nobody makes the file of an object that a relative is making. Outermost. */
static DEFINE_MUTEX(pm_objects_import_lock);

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
		id = pm_object_enter(mm, mm->object_last + 1, 0, pm_file_flags(file), file) ?:
		     mm->object_last;
	mutex_unlock(&mm->lock);
	return id;
}

/* Is it the object that the image speaks of? */
static bool pm_object_same(struct pm_mm *mm, struct file *file, const struct pm_img_object *img)
{
	struct inode *inode = file_inode(file);

	/* the file at home may have been cut off or have grown, by its name */
	if (le32_to_cpu(img->flags) & PM_OBJ_KEPT && mm->home == pm_self_id())
		return true;
	return i_size_read(inode) == le64_to_cpu(img->size) &&
	       pm_shmem_noreserve(inode) == !!(le32_to_cpu(img->flags) & PM_OBJ_NORESERVE);
}

/* The file of an object that this address space does not have; with a reference, or ERR_PTR. */
static struct file *pm_object_file(struct pm_mm *mm, const struct pm_img_object *img)
{
	struct file *file = pm_object_kin(mm, le64_to_cpu(img->key));
	int err = 0;

	if (file) {
		/* nor can it be one that it has by another number */
		err = pm_object_same(mm, file, img) && !pm_object_of(mm, file) ? 0 : -EPROTO;
	} else {
		/* what has a name here has never been forgotten */
		if (le32_to_cpu(img->flags) & PM_OBJ_KEPT && mm->home == pm_self_id())
			return ERR_PTR(-EPROTO);
		/* an earlier one of the key is at home again */
		pm_linger_forget(mm->home, le64_to_cpu(img->key));
		file = pm_shmem_file("dev/zero", le64_to_cpu(img->size),
				     le32_to_cpu(img->flags) & PM_OBJ_NORESERVE);
		if (IS_ERR(file))
			return file;
		err = pm_shmem_odd(file_inode(file)) ? -EOPNOTSUPP : 0;
	}
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/**
 * pm_object_import() - sink: an object of the image
 * @mm: address space
 * @img: from the peer, not checked yet
 *
 * At home it may be there, as it was left, or a relative has it; else it is made, empty.
 * Context: current is of the address space; may sleep.
 * Return: 0, -EPROTO, -EOPNOTSUPP, -E2BIG, -ENOMEM, or an error of shmem.
 */
int pm_object_import(struct pm_mm *mm, const struct pm_img_object *img)
{
	u32 id = le32_to_cpu(img->id), flags = le32_to_cpu(img->flags);
	struct pm_object *object;
	struct file *file;
	int err = 0;

	if (!id || id > PM_OBJECTS_MAX || flags & ~PM_OBJ_ALL || !img->key ||
	    le64_to_cpu(img->size) > PM_OBJECT_SIZE)
		return -EPROTO;
	mutex_lock(&pm_objects_import_lock);
	object = pm_object_get(mm, id);
	if (!object) {
		file = pm_object_file(mm, img);
		err = PTR_ERR_OR_ZERO(file);
		if (err)
			goto unlock;
		mutex_lock(&mm->lock);
		err = pm_object_enter(mm, id, le64_to_cpu(img->key), flags & ~PM_OBJ_PAGES, file);
		mutex_unlock(&mm->lock);
		/* from now on it is the table's, and nobody who was about to free it still does */
		fput(file);
		pm_objects_return(mm);
		object = err ? NULL : pm_object_get(mm, id);
	} else if (object->key != le64_to_cpu(img->key) ||
		   object->flags != (flags & ~PM_OBJ_PAGES) ||
		   !pm_object_same(mm, object->file, img)) {
		err = -EPROTO;
	}
	if (object) {
		object->told = flags & PM_OBJ_PAGES;
		object->came = !err;
		pm_object_put(object);
	}
unlock:
	mutex_unlock(&pm_objects_import_lock);
	return err;
}

/**
 * pm_objects_inherit() - a forked child's address space has the objects of its parent's
 * @mm: the child's
 * @from: the parent's on the same node
 *
 * Context: may sleep. Return: 0, -E2BIG, -ENOMEM.
 */
int pm_objects_inherit(struct pm_mm *mm, struct pm_mm *from)
{
	struct pm_object *object;
	unsigned long id;
	int err = 0;

	for (id = 0; !err && (object = pm_object_next(from, &id)); id++) {
		mutex_lock(&mm->lock);
		err = pm_object_enter(mm, id, object->key, object->flags, object->file);
		mutex_unlock(&mm->lock);
		if (!err && object->guarded)
			err = pm_object_guard(mm, id);
		pm_object_put(object);
	}
	mutex_lock(&mm->lock);
	mm->object_last = max(mm->object_last, from->object_last);
	mutex_unlock(&mm->lock);
	return err;
}

/* Sink: an image is about to be read, and has not told of the pages of any object. May sleep. */
void pm_objects_untold(struct pm_mm *mm)
{
	struct pm_object *object;
	unsigned long id;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		object->told = false;
		object->came = false;
		pm_object_put(object);
	}
}

/**
 * pm_objects_vouch() - home: which objects an image has that passes through
 * @mm: address space
 * @image: from the node that the process ran on
 * @len: its length
 *
 * Context: may sleep. Return: 0 or -EPROTO.
 */
int pm_objects_vouch(struct pm_mm *mm, const void *image, size_t len)
{
	const struct pm_img_object *img;
	struct pm_object *object;
	struct pm_dec dec;
	const void *data;
	size_t size;
	u32 tag;

	pm_objects_untold(mm);
	pm_dec_init(&dec, image, len);
	while (pm_dec_next(&dec, &tag, &data, &size)) {
		if (tag != PM_TAG_MEM_OBJECT)
			continue;
		if (size != sizeof(*img))
			return -EPROTO;
		img = data;
		object = pm_object_get(mm, le32_to_cpu(img->id));
		if (!object)
			continue;
		object->came = true;
		pm_object_put(object);
	}
	return dec.err;
}
