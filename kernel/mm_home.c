// SPDX-License-Identifier: GPL-2.0
/*
 * Coming home: the address space that stayed here holds pages that never left, and mappings
 * as they were. It is changed into that of the image without losing those pages, so that,
 * should the move fail half-way, the process can go on where it is.
 */
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/pkeys.h>
#include <linux/sched/mm.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "restore.h"

/**
 * struct pm_found - what is mapped at an address at home
 * @start: of the mapping, TASK_SIZE if there is none
 * @end: of the mapping
 * @flags: PM_VMA_*
 * @pkey: protection key
 * @fits: it can be made what the image wants
 */
struct pm_found {
	unsigned long start;
	unsigned long end;
	u32 flags;
	u32 pkey;
	bool fits;
};

static bool pm_home_fits(struct vm_area_struct *vma, const struct pm_area *area)
{
	unsigned long start = max(vma->vm_start, area->start);

	if (pm_vma_kind(vma, NULL) != (int)area->kind)
		return false;
	switch (area->kind) {
	case PM_VMA_ANON:
		return !(vma->vm_flags & VM_GROWSDOWN) == !(area->flags & PM_VMA_GROWS);
	case PM_VMA_FILE:
	case PM_VMA_OBJECT:
		/* a private one may have been moved there, in place of one that was opened anew */
		return (vma->vm_file == area->file ||
			(area->kind == PM_VMA_OBJECT &&
			 file_inode(vma->vm_file) == file_inode(area->file))) &&
		       linear_page_index(vma, start) ==
		       area->pgoff + ((start - area->start) >> PAGE_SHIFT);
	default:
		return vma->vm_start == area->start && vma->vm_end == area->end;
	}
}

/* The first mapping at home that ends after @addr. */
static void pm_home_find(const struct pm_area *area, unsigned long addr, struct pm_found *found)
{
	struct vm_area_struct *vma;

	found->start = TASK_SIZE;
	found->end = TASK_SIZE;
	found->fits = false;
	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, addr);
	if (vma) {
		found->start = vma->vm_start;
		found->end = vma->vm_end;
		found->flags = pm_vma_flags(vma);
		found->pkey = vma_pkey(vma);
		/* as in the image */
		if ((int)found->pkey == current->mm->context.execute_only_pkey)
			found->pkey = 0;
		found->fits = pm_home_fits(vma, area);
	}
	mmap_read_unlock(current->mm);
}

/*
 * Give a fitting range its protection and flags. Pages of files are all out of date; of shared
 * memory only what page tables say may be, of pages that had failed.
 */
static int pm_home_adjust(const struct pm_area *area, const struct pm_found *found,
			  unsigned long start, unsigned long end)
{
	unsigned long prot = area->flags & PM_VMA_PROT;
	int err = 0;

	if (area->pkey != found->pkey)
		err = pm_syscall6(__NR_pkey_mprotect, start, end - start, prot, area->pkey, 0, 0);
	else if ((found->flags & PM_VMA_PROT) != prot)
		err = pm_syscall6(__NR_mprotect, start, end - start, prot, 0, 0, 0);
	if (!err)
		err = pm_vma_set_flags(start, end, found->flags, area->flags);
	if (!err && area->kind != PM_VMA_ANON)
		err = pm_zap_range(start, end, NULL);
	return err;
}

/* The stack has grown elsewhere: let it grow here too, by touching its new end. */
static bool pm_home_grow(const struct pm_area *area, unsigned long addr,
			 const struct pm_found *found)
{
	return area->flags & PM_VMA_GROWS && found->fits && found->start < area->end &&
	       addr == area->start && !fault_in_readable((char __user *)addr, 1);
}

/* Bring [addr, ...) of @area into being. Return: how far it got, or negative errno. */
static long pm_home_step(const struct pm_area *area, unsigned long addr)
{
	struct pm_found found;
	unsigned long end;
	int err;

	pm_home_find(area, addr, &found);
	if (found.start > addr && pm_home_grow(area, addr, &found))
		pm_home_find(area, addr, &found);
	if (found.start > addr) {
		end = min(area->end, found.start);
		err = pm_area_map(area, addr, end);
	} else {
		end = min(area->end, found.end);
		err = found.fits ? pm_home_adjust(area, &found, addr, end) :
				   pm_area_map(area, addr, end);
	}
	return err ?: (long)end;
}

int pm_home_area(const struct pm_area *area, unsigned long pos)
{
	unsigned long addr = area->start;
	struct pm_found found;
	int err;

	if (pos < area->start) {
		err = vm_munmap(pos, area->start - pos);
		if (err)
			return err;
	}
	if (area->kind == PM_VMA_VDSO || area->kind == PM_VMA_VVAR) {
		pm_home_find(area, addr, &found);
		return found.fits ? 0 : -EXDEV;
	}
	while (addr < area->end) {
		long next = pm_home_step(area, addr);

		if (next < 0)
			return next;
		addr = next;
	}
	return 0;
}

/* The anonymous mapping at or after @addr; false if there is none. */
static bool pm_home_next_anon(unsigned long addr, struct pm_area *area)
{
	struct vm_area_struct *vma;
	bool found = false;

	mmap_read_lock(current->mm);
	while (!found && (vma = find_vma(current->mm, addr))) {
		found = pm_vma_kind(vma, NULL) == PM_VMA_ANON;
		addr = vma->vm_end;
	}
	if (found) {
		*area = (struct pm_area){
			.start = vma->vm_start,
			.end = vma->vm_end,
			.flags = pm_vma_flags(vma),
			.kind = PM_VMA_ANON,
			.pkey = vma_pkey(vma),
			/* /dev/zero: only compared */
			.file = vma->vm_file,
			.policy = vma_policy(vma),
		};
		/* as in the image */
		if ((int)area->pkey == current->mm->context.execute_only_pkey)
			area->pkey = 0;
	}
	mmap_read_unlock(current->mm);
	return found;
}

/*
 * Empty a mapping but for the pages that never left, and for what is shown. One without either is
 * made anew: an old one may have an anon_vma or offset by which the kernel would never join it with
 * a neighbour that is the other half of what the program has mapped.
 */
static int pm_home_empty(const struct pm_area *area, struct pm_pagemap *keep, unsigned long shown,
			 unsigned long shown_end)
{
	if (!area->file && !area->policy && !(area->flags & PM_VMA_GROWS) &&
	    (area->end <= shown || area->start >= shown_end) &&
	    pm_map_next(keep, PM_SRC_HOME, area->start, area->end) == area->end)
		return pm_area_map(area, area->start, area->end);
	return pm_zap_range(area->start, min(area->end, shown), keep) ?:
	       pm_zap_range(max(area->start, shown_end), area->end, keep);
}

/* Drop what is out of date in the shared objects, if it is this image that tells of it. */
static void pm_home_objects(struct pm_mm *mm)
{
	struct pm_pagemap *keep = &mm->restore->keep;
	unsigned long id, addr, next, end;
	struct pm_object *object;
	bool told;

	for (id = 0; (object = pm_object_next(mm, &id)); id++) {
		told = object->told;
		pm_object_put(object);
		if (!told)
			continue;
		end = pm_object_addr(id + 1, 0);
		for (addr = pm_object_addr(id, 0); addr < end; addr = next) {
			next = pm_map_next(keep, PM_SRC_HOME, addr, end);
			pm_object_punch(mm, addr, next);
			while (next < end && pm_map_where(keep, next) == PM_SRC_HOME)
				next += PAGE_SIZE;
		}
	}
}

/*
 * What /proc shows stays till it is overwritten: somebody may look at any moment, and would see
 * zeroes where the arguments have been.
 */
int pm_home_finish(struct pm_mm *mm)
{
	struct pm_restore *restore = mm->restore;
	unsigned long addr, shown, shown_end;
	struct pm_area area;
	int err = 0;

	pm_shown_range(current->mm, &shown, &shown_end);
	if (restore->pos < TASK_SIZE)
		err = vm_munmap(restore->pos, TASK_SIZE - restore->pos);
	for (addr = 0; !err && pm_home_next_anon(addr, &area); addr = area.end)
		err = pm_home_empty(&area, &restore->keep, shown, shown_end);
	if (!err)
		pm_home_objects(mm);
	return err;
}

void pm_home_renewed(struct pm_restore *restore, unsigned long addr)
{
	unsigned long start, end;

	pm_shown_range(current->mm, &start, &end);
	if (addr >= start && addr < end)
		restore->shown |= BIT_ULL((addr - start) >> PAGE_SHIFT);
}

int pm_home_settle(struct pm_restore *restore)
{
	unsigned long start, shown_end, addr;
	struct pm_area area;
	int err = 0;

	pm_shown_range(current->mm, &start, &shown_end);
	for (addr = start; addr < shown_end && !err; addr += PAGE_SIZE) {
		if (restore->shown & BIT_ULL((addr - start) >> PAGE_SHIFT))
			continue;
		if (!pm_home_next_anon(addr, &area) || area.start > addr)
			continue;
		err = pm_zap_range(addr, addr + PAGE_SIZE, &restore->keep);
	}
	return err;
}
