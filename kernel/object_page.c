// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of shared objects: which there are, reading them, putting them in place.
 *
 * A page that has come goes into the page cache of the object, whether it is mapped or not. It is
 * put there locked and not up to date, so that nobody sees it before its content is in it; test
 * and clearing of its bit in the page map come in between. Who drops pages forgets them in
 * the map first: either the page has been forgotten then, and zeroes are put in, which is what
 * a hole holds, or it is dropped afterwards.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "space.h"

#define PM_CHUNK_PAGES	(PM_CHUNK_WORDS * 64)

static pgoff_t pm_object_pages(struct file *file)
{
	return DIV_ROUND_UP(i_size_read(file_inode(file)), PAGE_SIZE);
}

/**
 * pm_object_chunk() - pages that an object has, in memory or in swap
 * @file: the object
 * @all: and those that it has not, up to its end: at home they are those of a file
 * @index: look from this page on; set to the first page after the chunk
 * @here: bits of the pages of the chunk, as in struct pm_img_map
 *
 * Return: false when there are no more.
 */
bool pm_object_chunk(struct file *file, bool all, pgoff_t *index, u64 *here)
{
	pgoff_t end = pm_object_pages(file), first, last, i;
	struct folio *folio;
	XA_STATE(xas, &file->f_mapping->i_pages, *index);

	memset(here, 0, PM_CHUNK_WORDS * sizeof(*here));
	if (*index >= end)
		return false;
	if (all) {
		for (i = *index; i < min(*index + PM_CHUNK_PAGES, end); i++)
			here[(i - *index) / 64] |= BIT_ULL((i - *index) % 64);
		*index += PM_CHUNK_PAGES;
		return true;
	}
	xas_lock_irq(&xas);
	folio = xas_find(&xas, end - 1);
	first = round_down(max(xas.xa_index, *index), PM_CHUNK_PAGES);
	last = min(first + PM_CHUNK_PAGES, end) - 1;
	for (i = first; folio && i <= last; folio = xas_find(&xas, last)) {
		pgoff_t next = xas.xa_index + 1;

		i = xas.xa_index;
		if (!xa_is_value(folio)) {
			i = folio->index;
			next = folio_next_index(folio);
		}
		for (i = max(i, first); i < next && i <= last; i++)
			here[(i - first) / 64] |= BIT_ULL((i - first) % 64);
	}
	xas_unlock_irq(&xas);
	*index = first + PM_CHUNK_PAGES;
	return memchr_inv(here, 0, PM_CHUNK_WORDS * sizeof(*here));
}

/**
 * pm_object_read() - source: a page of an object
 * @mm: address space
 * @addr: from the peer, not checked yet
 *
 * Context: sleeps. Return: as pm_read_page().
 */
struct page *pm_object_read(struct pm_mm *mm, u64 addr)
{
	struct pm_object *object = pm_object_get(mm, pm_addr_object(addr));
	pgoff_t index = pm_addr_offset(addr) >> PAGE_SHIFT;
	struct folio *folio;
	struct page *page;

	if (!object)
		return ERR_PTR(-EFAULT);
	if (index >= pm_object_pages(object->file)) {
		pm_object_put(object);
		return ERR_PTR(-EFAULT);
	}
	if (!shmem_mapping(object->file->f_mapping)) {
		page = read_mapping_page(object->file->f_mapping, index, object->file);
		pm_object_put(object);
		return page == ERR_PTR(-ENOMEM) || !IS_ERR(page) ? page : ERR_PTR(-EFAULT);
	}
	folio = pm_shmem_find(file_inode(object->file), index);
	pm_object_put(object);
	if (IS_ERR(folio))
		return ERR_PTR(PTR_ERR(folio) == -ENOMEM ? -ENOMEM : -EFAULT);
	if (!folio)
		return NULL;
	page = folio_file_page(folio, index);
	folio_unlock(folio);
	if (!PageHWPoison(page))
		return page;
	folio_put(folio);
	return ERR_PTR(-EFAULT);
}

/* It is no more missing, whether it was or not. Return: whether. */
static bool pm_object_take(struct pm_mm *mm, enum pm_source_id src, u64 addr)
{
	bool missing;

	spin_lock(&mm->map.lock);
	missing = __pm_map_test(&mm->map, src, addr);
	__pm_map_drop(&mm->map, src, addr);
	spin_unlock(&mm->map.lock);
	return missing;
}

/** struct pm_file_page - a page to be written to a file on a disk */
struct pm_file_page {
	struct work_struct work;
	struct file *file;
	loff_t offset;
	const void *data;
	size_t len;
	int err;
};

/* As through a mapping: whoever freezes the filesystem takes it for that, and no limit applies. */
static void pm_file_page_work(struct work_struct *work)
{
	struct pm_file_page *page = container_of(work, struct pm_file_page, work);
	struct kvec vec = { .iov_base = (void *)page->data, .iov_len = page->len };
	struct super_block *sb = file_inode(page->file)->i_sb;
	struct iov_iter iter;
	struct kiocb iocb;
	bool usual;
	ssize_t ret;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	init_sync_kiocb(&iocb, page->file);
	iocb.ki_flags &= ~(IOCB_APPEND | IOCB_DIRECT | IOCB_DSYNC | IOCB_SYNC);
	iocb.ki_pos = page->offset;
	/* who freezes the filesystem may wait for one who waits for this page */
	usual = sb_start_write_trylock(sb);
	if (!usual)
		sb_start_pagefault(sb);
	ret = pm_file_ops(page->file)->write_iter(&iocb, &iter);
	if (usual)
		sb_end_write(sb);
	else
		sb_end_pagefault(sb);
	page->err = ret < 0 ? ret : ret == page->len ? 0 : -EIO;
}

/* Is it what is in the file? */
static bool pm_file_page_same(const struct pm_file_page *want)
{
	struct page *page = read_mapping_page(want->file->f_mapping, want->offset >> PAGE_SHIFT,
					      want->file);
	void *data;
	bool same;

	if (IS_ERR(page))
		return false;
	data = kmap_local_page(page);
	same = !memcmp(data, want->data, want->len);
	kunmap_local(data);
	put_page(page);
	return same;
}

/* Put a page into a file on a disk, not beyond its end; nothing is written if it is there. */
static int pm_file_put(struct file *file, u64 offset, const void *data)
{
	loff_t size = i_size_read(file_inode(file));
	struct pm_file_page page = { .file = file, .offset = offset, .data = data };

	if (offset >= size)
		return 0;
	page.len = min_t(loff_t, PAGE_SIZE, size - offset);
	if (pm_file_page_same(&page))
		return 0;
	INIT_WORK_ONSTACK(&page.work, pm_file_page_work);
	queue_work(pm_file_wq, &page.work);
	flush_work(&page.work);
	destroy_work_on_stack(&page.work);
	return page.err;
}

/*
 * Put @data into a page of @file. Return: 0, -ENOMEM, or another error that is for good.
 * What is beyond the end of a file that has been cut off at home is dropped.
 */
static int pm_object_fill(struct pm_mm *mm, enum pm_source_id src, u64 addr, struct file *file,
			  const void *data)
{
	struct inode *inode = file_inode(file);
	struct folio *folio;
	int err;

	if (pm_addr_offset(addr) >> PAGE_SHIFT >= pm_object_pages(file)) {
		pm_object_take(mm, src, addr);
		return 0;
	}
	if (!shmem_mapping(inode->i_mapping)) {
		/* nobody gives up pages of it while it comes home */
		err = pm_map_where(&mm->map, addr) == src ?
		      pm_file_put(file, pm_addr_offset(addr), data) : 0;
		if (!err)
			pm_object_take(mm, src, addr);
		return err;
	}
	folio = pm_shmem_make(inode, pm_addr_offset(addr) >> PAGE_SHIFT);
	err = PTR_ERR_OR_ZERO(folio);

	if (err == -EIO) {	/* known to be unreadable */
		pm_object_take(mm, src, addr);
		return 0;
	}
	if (err)
		return err == -ENOSPC && !pm_shmem_limited(inode) ? -ENOMEM : err;
	if (folio_test_large(folio) && folio_test_uptodate(folio) &&
	    !test_bit(PM_MM_SINK, &mm->flags)) {
		/* of a file that has stayed at home, and where somebody has collapsed it */
		if (pm_object_take(mm, src, addr)) {
			memcpy_to_page(folio_file_page(folio, pm_addr_offset(addr) >> PAGE_SHIFT),
				       0, data, PAGE_SIZE);
			folio_mark_dirty(folio);
		}
	} else if (folio_test_large(folio)) {
		/* huge pages have been turned on meanwhile: it hides what is still to come */
		err = -EIO;
		if (!folio_test_uptodate(folio))
			generic_error_remove_page(inode->i_mapping, folio_page(folio, 0));
	} else if (folio_test_uptodate(folio)) {
		/* before the process runs, that is what somebody who looks at it has made */
		if (pm_object_take(mm, src, addr) && !test_bit(PM_MM_SINK, &mm->flags)) {
			memcpy_to_page(folio_page(folio, 0), 0, data, PAGE_SIZE);
			folio_mark_dirty(folio);
		}
	} else {
		if (pm_object_take(mm, src, addr))
			memcpy_to_page(folio_page(folio, 0), 0, data, PAGE_SIZE);
		else
			folio_zero_range(folio, 0, PAGE_SIZE);
		folio_mark_uptodate(folio);
		folio_mark_dirty(folio);
	}
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

int pm_kept_page(struct file *file, u64 offset, const void *data)
{
	struct inode *inode = file_inode(file);
	pgoff_t index = offset >> PAGE_SHIFT;
	struct folio *folio;

	if (!shmem_mapping(inode->i_mapping))
		return pm_file_put(file, offset, data);
	if (index >= pm_object_pages(file))
		return 0;
	folio = pm_shmem_make(inode, index);
	if (folio == ERR_PTR(-ENOSPC) && !pm_shmem_limited(inode))
		return -ENOMEM;
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	if (!folio_test_uptodate(folio)) {
		folio_zero_range(folio, 0, folio_size(folio));
		folio_mark_uptodate(folio);
	}
	memcpy_to_page(folio_file_page(folio, index), 0, data, PAGE_SIZE);
	folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

/* At home the pages of a kept object stay until others come. */
static bool pm_object_stays(struct pm_mm *mm, const struct pm_object *object)
{
	return object->flags & PM_OBJ_KEPT && mm->home == pm_self_id();
}

bool pm_object_has(struct pm_mm *mm, u64 addr)
{
	struct pm_object *object;
	bool has;

	if (!pm_addr_shared(addr))
		return false;
	object = pm_object_get(mm, pm_addr_object(addr));
	has = object && pm_object_stays(mm, object);
	if (object)
		pm_object_put(object);
	return has;
}

/**
 * pm_objects_cut() - home: drop what kept objects have no more, of which the image tells
 * @mm: address space of current, the maps of whose image have been read
 *
 * Context: sleeps.
 */
void pm_objects_cut(struct pm_mm *mm)
{
	struct pm_object *object;
	u64 addr, next, end;
	unsigned long id;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		struct inode *inode = file_inode(object->file);

		addr = pm_object_addr(id, 0);
		end = addr + ((u64)pm_object_pages(object->file) << PAGE_SHIFT);
		while (object->told && pm_object_stays(mm, object) &&
		       shmem_mapping(inode->i_mapping) && addr < end) {
			next = min(pm_map_next(&mm->map, PM_SRC_HOME, addr, end),
				   pm_map_next(&mm->map, PM_SRC_PREV, addr, end));
			if (next > addr)
				shmem_truncate_range(inode, pm_addr_offset(addr),
						     pm_addr_offset(next - 1));
			addr = next;
			while (addr < end && pm_map_where(&mm->map, addr) >= 0)
				addr += PAGE_SIZE;
			cond_resched();
		}
		pm_object_put(object);
	}
}

/* The page can't be read at its source. */
static int pm_object_bad(struct pm_mm *mm, enum pm_source_id src, u64 addr,
			 struct pm_object *object)
{
	struct inode *inode = file_inode(object->file);
	int err = 0;

	/* the disk has it, or will say that it has not */
	if (!shmem_mapping(inode->i_mapping)) {
		pm_object_take(mm, src, addr);
		return 0;
	}
	/* an old one may be there */
	if (pm_object_stays(mm, object))
		shmem_truncate_range(inode, pm_addr_offset(addr),
				     pm_addr_offset(addr) + PAGE_SIZE - 1);
	spin_lock(&mm->map.lock);
	if (__pm_map_test(&mm->map, src, addr))
		err = pm_shmem_set_bad(inode, pm_addr_offset(addr) >> PAGE_SHIFT);
	if (!err)
		__pm_map_drop(&mm->map, src, addr);
	spin_unlock(&mm->map.lock);
	return err;
}

/**
 * pm_object_install() - put a page of an answer in place
 * @mm: address space; the caller keeps it alive
 * @src: who sent it
 * @addr: a page that was asked for
 * @data: its bytes, NULL: it can't be read at the source
 *
 * Context: sleeps; mmap_lock may be held for reading.
 * Return: 0, also if it is not wanted any more; -ENOMEM, it is still missing; or another error:
 * it can't be put in place.
 */
int pm_object_install(struct pm_mm *mm, enum pm_source_id src, u64 addr, const void *data)
{
	struct pm_object *object = pm_object_get(mm, pm_addr_object(addr));
	struct mem_cgroup *memcg, *old;
	int err;

	if (!object) {
		pm_object_take(mm, src, addr);
		return 0;
	}
	memcg = get_mem_cgroup_from_mm(mm->mm);
	old = set_active_memcg(memcg);
	err = data ? pm_object_fill(mm, src, addr, object->file, data) :
		     pm_object_bad(mm, src, addr, object);
	set_active_memcg(old);
	mem_cgroup_put(memcg);
	pm_object_put(object);
	return err;
}

/**
 * pm_object_zero() - first touch of a page that was never anywhere
 * @file: the object
 * @index: the page
 *
 * Context: a page fault; mmap_lock is held for reading. Return: 0 or an error of shmem.
 */
int pm_object_zero(struct file *file, pgoff_t index)
{
	struct folio *folio = pm_shmem_zero(file_inode(file), index);

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

/**
 * pm_object_fetch() - bring all missing pages of an object here
 * @mm: address space of current
 * @id: the object
 *
 * Context and return: as pm_fetch_range().
 */
int pm_object_fetch(struct pm_mm *mm, u32 id)
{
	return id ? pm_fetch_range(mm, pm_object_addr(id, 0), pm_object_addr(id + 1, 0)) : 0;
}

/**
 * pm_objects_fetch() - bring all of what relatives share here, or is kept
 * @mm: address space of current, restored
 *
 * Nobody tells relatives what is missing; and home's mappings of a file cannot be watched for it.
 * Context and return: as pm_fetch_range().
 */
int pm_objects_fetch(struct pm_mm *mm)
{
	return mm->party || xa_marked(&mm->objects, PM_OBJECT_KEPT) ?
	       pm_fetch_range(mm, PM_OBJECT_BASE, PM_ADDR_END) : 0;
}

/**
 * pm_object_punch() - drop pages of an object, unless they stay: pm_objects_cut() is for these
 * @mm: address space
 * @start: first address
 * @end: end of the range, in the same object
 *
 * Context: sleeps; mmap_lock is not held.
 */
void pm_object_punch(struct pm_mm *mm, u64 start, u64 end)
{
	struct pm_object *object = pm_object_get(mm, pm_addr_object(start));

	if (object && start < end && !pm_object_stays(mm, object))
		shmem_truncate_range(file_inode(object->file), pm_addr_offset(start),
				     pm_addr_offset(end - 1));
	if (object)
		pm_object_put(object);
}
