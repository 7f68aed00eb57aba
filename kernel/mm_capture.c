// SPDX-License-Identifier: GPL-2.0
/*
 * The source describes its frozen address space: bounds, files, mappings, and which pages are
 * where. Of shared objects only that is told; for private memory see mm_capture_page.c.
 *
 * What is still missing here is read before the page tables: a page that comes in between is then
 * listed at both places, and right in either.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <linux/sched/mm.h>
#include "compat.h"
#include "image.h"
#include "keep.h"
#include "link.h"
#include "space.h"

/* How often to look whether an object is closed that a relative may be looking at. */
#define PM_CLOSED_TRIES	50
/* In what has been seen of an image: numbers of objects, not of files (nor their addresses). */
#define PM_SEEN_OBJECT	BIT(32)

/* Pages that are still at home, for the next sink. */
static int pm_capture_missing(struct pm_mm *mm, struct pm_enc *enc)
{
	struct pm_chunk *chunk;
	unsigned long index;
	int i, err;

	xa_for_each(&mm->map.chunks, index, chunk) {
		struct pm_img_map map = {
			.addr = cpu_to_le64((u64)index << PM_CHUNK_SHIFT),
			.where = cpu_to_le32(PM_MAP_HOME),
		};
		u64 any = 0;

		if (test_bit(PM_CHUNK_HUGE, &chunk->flags))
			map.where |= cpu_to_le32(PM_MAP_HUGE);

		for (i = 0; i < PM_CHUNK_WORDS; i++) {
			map.bits[i] = cpu_to_le64(READ_ONCE(chunk->missing[PM_SRC_HOME][i]));
			any |= READ_ONCE(chunk->missing[PM_SRC_HOME][i]);
		}
		if (!any)
			continue;
		mm->whole = false;
		err = pm_enc_put(enc, PM_TAG_MEM_MAP, &map, sizeof(map));
		if (err)
			return err;
	}
	return pm_enc_put(enc, PM_TAG_MEM_MAP_END, NULL, 0);
}

/*
 * The home's number of a mapped file; a file that is new to this image is described in it. At home
 * an open file has one number, elsewhere several may have the same.
 */
static int pm_capture_file(struct pm_mm *mm, struct pm_enc *enc, struct xarray *seen,
			   struct file *file)
{
	struct pm_img_file img = {};
	u32 id = 0;
	bool away = pm_pagefs_file(file, &id, &img.ident);
	unsigned long key = away ? id : (unsigned long)file;
	void *known = xa_load(seen, key);
	int err;

	if (known)
		return xa_to_value(known);
	if (!away) {
		err = pm_mm_file_export(mm, file);
		if (err < 0)
			return err;
		id = err;
		err = pm_mm_file_ident(mm, id, &img.ident);
		if (err)
			return err;
	}
	err = xa_err(xa_store(seen, key, xa_mk_value(id), GFP_KERNEL));
	if (err)
		return err;
	img.id = cpu_to_le32(id);
	err = pm_enc_put(enc, PM_TAG_MEM_FILE, &img, sizeof(img));
	return err ?: id;
}

/* An object that is new to this image. */
static void pm_describe_object(struct pm_object *object, u64 party, struct pm_img_object *img)
{
	u32 told = pm_object_claim(object, party) ? PM_OBJ_PAGES : 0;

	img->id = cpu_to_le32(object->id);
	img->flags = cpu_to_le32(object->flags | told);
	img->size = cpu_to_le64(i_size_read(file_inode(object->file)));
	img->key = cpu_to_le64(object->key);
}

/*
 * Can the object go? As pm_object_closed(). All relatives are at a standstill, or there are none;
 * but they are captured at the same time, and have references for a moment.
 */
static int pm_capture_closed(struct pm_mm *mm, struct file *file, u64 party)
{
	struct pm_group group = { .mm = mm->mm, .party = party };
	int tries = PM_CLOSED_TRIES, err;

	for (;;) {
		mmap_read_lock(mm->mm);
		err = pm_object_closed(&group, file, NULL, 0);
		mmap_read_unlock(mm->mm);
		if (err != -EBUSY || !party || !--tries)
			break;
		usleep_range(200, 500);
	}
	/* a relative may have been forked when the others had been found */
	return err >= 0 ? err : party ? -EBUSY : -EOPNOTSUPP;
}

/*
 * The number of a shared object; one that is new to this image is described in it. Takes over the
 * reference, which others would wait for.
 */
static int pm_capture_object(struct pm_mm *mm, struct pm_enc *enc, struct xarray *seen,
			     struct file *file, u64 party)
{
	struct pm_img_object img = {};
	int id = pm_object_export(mm, file), err;
	struct pm_object *object;

	fput(file);
	if (id < 0 || xa_load(seen, PM_SEEN_OBJECT | id))
		return id;
	object = pm_object_get(mm, id);
	if (!object)
		return -EBUSY;
	err = pm_capture_closed(mm, object->file, party);
	pm_object_renew(mm, object, err > 0);
	if (err >= 0 && object->flags & PM_OBJ_KEPT) {
		/* who comes to it from now on waits, and so it stays closed */
		err = pm_object_guard(mm, id);
		err = err ?: pm_capture_closed(mm, object->file, party);
	}
	err = min(err, 0) ?: xa_err(xa_store(seen, PM_SEEN_OBJECT | id, object, GFP_KERNEL));
	if (!err) {
		pm_describe_object(object, party, &img);
		err = pm_enc_put(enc, PM_TAG_MEM_OBJECT, &img, sizeof(img));
	}
	pm_object_put(object);
	return err ?: id;
}

/*
 * Describe the first mapping that ends after @addr. *@file: its file with a reference, or
 * NULL. Return: its kind, -ENOENT after the last one, -EOPNOTSUPP.
 */
static int pm_capture_next(struct mm_struct *mm, unsigned long addr, struct pm_img_vma *img,
			   struct file **file)
{
	struct vm_area_struct *vma;
	int kind = -ENOENT;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (vma) {
		kind = pm_vma_kind(vma, NULL);
		img->start = cpu_to_le64(vma->vm_start);
		img->end = cpu_to_le64(vma->vm_end);
		img->flags = cpu_to_le32(pm_vma_flags(vma));
		img->kind = cpu_to_le32(kind);
		img->pkey = cpu_to_le32(vma_pkey(vma));
	}
	if (kind == PM_VMA_FILE || kind == PM_VMA_OBJECT) {
		img->pgoff = cpu_to_le64(vma->vm_pgoff);
		*file = get_file(vma->vm_file);
	}
	mmap_read_unlock(mm);
	return kind;
}

static int pm_capture_vma(struct pm_mm *mm, struct pm_enc *enc, struct xarray *seen,
			  unsigned long *addr, u64 party)
{
	struct pm_img_vma img = {};
	struct file *file = NULL;
	int id, kind;

	kind = pm_capture_next(mm->mm, *addr, &img, &file);
	if (kind < 0)
		return kind;
	*addr = le64_to_cpu(img.end);
	if (file) {
		if (kind == PM_VMA_OBJECT) {
			id = pm_capture_object(mm, enc, seen, file, party);
		} else {
			id = pm_capture_file(mm, enc, seen, file);
			fput(file);
		}
		if (id < 0)
			return id;
		img.file = cpu_to_le32(id);
	}
	return pm_enc_put(enc, PM_TAG_MEM_VMA, &img, sizeof(img));
}

static int pm_capture_layout(struct pm_mm *mm, struct pm_enc *enc, u64 party)
{
	struct pm_img_mm img = {};
	unsigned long addr = 0;
	struct xarray seen;
	int err;

	xa_init(&seen);
	mmap_read_lock(mm->mm);
	pm_bounds_get(mm->mm, &img);
	mmap_read_unlock(mm->mm);
	img.objects = cpu_to_le32(mm->object_last);
	err = pm_enc_put(enc, PM_TAG_MEM_MM, &img, sizeof(img));
	while (!err)
		err = pm_capture_vma(mm, enc, &seen, &addr, party);
	xa_destroy(&seen);
	return err == -ENOENT ? 0 : err;
}

/* Which pages an object has here; those of a file may be holes here, and have been there. */
static int pm_capture_shared(struct pm_mm *mm, struct pm_enc *enc, u32 id,
			     const struct pm_object *object)
{
	struct pm_img_map map = { .where = cpu_to_le32(PM_MAP_HERE) };
	u64 here[PM_CHUNK_WORDS];
	pgoff_t index = 0;
	int i, err = 0;

	while (!err && pm_object_chunk(object->file, object->flags & PM_OBJ_FILE, &index, here)) {
		mm->whole = false;
		map.addr = cpu_to_le64(pm_object_addr(id, (u64)index << PAGE_SHIFT) -
				       PM_CHUNK_SIZE);
		for (i = 0; i < PM_CHUNK_WORDS; i++)
			map.bits[i] = cpu_to_le64(here[i]);
		err = pm_enc_put(enc, PM_TAG_MEM_MAP, &map, sizeof(map));
		cond_resched();
	}
	return err;
}

static int pm_capture_objects(struct pm_mm *mm, struct pm_enc *enc)
{
	struct pm_object *object;
	unsigned long id;
	int err = 0;

	for (id = 0; !err && (object = pm_object_next(mm, &id)); id++) {
		err = object->told ? pm_capture_shared(mm, enc, id, object) : 0;
		pm_object_put(object);
	}
	return err;
}

/**
 * pm_mm_capture() - source: describe the frozen address space of current
 * @mm: address space, drained as a sink from prev
 * @enc: image to append to
 * @sp: stack pointer
 * @hot: pages to send along besides those round @sp and the private ones of files
 * @party: number of the move of several processes, who all have stopped; 0: it moves alone
 *
 * Changes no page. From here to pm_mm_source_abort() nothing more is said to be drained.
 * Context: current is of the address space, all its tasks are stopped; may sleep.
 * Return: 0, -EBUSY not drained, -EOPNOTSUPP a mapping can't move, -E2BIG too many private
 * pages of files, -ENOMEM.
 */
int pm_mm_capture(struct pm_mm *mm, struct pm_enc *enc, unsigned long sp, unsigned int hot,
		  u64 party)
{
	int err;

	mutex_lock(&mm->lock);
	set_bit(PM_MM_FROZEN, &mm->flags);
	mm->drained = 0;
	mm->whole = true;
	/* mappings that are watched no more are joined, and would be listed twice */
	mm->unwatching++;
	mutex_unlock(&mm->lock);
	/* pairs with the one in pm_puller_finish() */
	smp_mb();
	pm_objects_prune(mm);
	err = -EBUSY;
	if (!pm_mm_drained(mm) || (!READ_ONCE(mm->uffd) && READ_ONCE(mm->uffd_ctx)))
		goto unwatch;
	err = mm->home == pm_self_id() ? pm_files_renew(mm) : 0;
	if (!err)
		err = pm_capture_layout(mm, enc, party);
	if (!err)
		err = pm_capture_missing(mm, enc);
	if (!err)
		err = pm_capture_pages(mm, enc, sp, hot);
	if (!err)
		err = pm_capture_objects(mm, enc);
unwatch:
	mutex_lock(&mm->lock);
	mm->unwatching--;
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
	if (err)
		pm_mm_source_abort(mm);
	return err;
}
