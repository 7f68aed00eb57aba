// SPDX-License-Identifier: GPL-2.0
/*
 * Coming home: the address space that stayed here holds pages that never left, and mappings
 * as they were. It is changed into that of the image without losing those pages, so that,
 * should the move fail half-way, the process can go on where it is.
 */
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
		return file_inode(vma->vm_file) == file_inode(area->file) &&
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

/* Give a fitting range its protection and flags. Pages of files are all out of date. */
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
	if (!err && area->kind == PM_VMA_FILE)
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

/* The next anonymous mapping that ends after *@start. */
static bool pm_home_next_anon(unsigned long *start, unsigned long *end)
{
	struct vm_area_struct *vma;
	bool found = false;

	mmap_read_lock(current->mm);
	while (!found && (vma = find_vma(current->mm, *start))) {
		found = pm_vma_kind(vma, NULL) == PM_VMA_ANON;
		*start = found ? vma->vm_start : vma->vm_end;
		*end = vma->vm_end;
	}
	mmap_read_unlock(current->mm);
	return found;
}

/*
 * What /proc shows stays till it is overwritten: somebody may look at any moment, and would see
 * zeroes where the arguments have been.
 */
int pm_home_finish(struct pm_restore *restore)
{
	unsigned long start, end = 0, shown, shown_end;
	int err = 0;

	pm_shown_range(current->mm, &shown, &shown_end);
	if (restore->pos < TASK_SIZE)
		err = vm_munmap(restore->pos, TASK_SIZE - restore->pos);
	for (start = 0; !err && pm_home_next_anon(&start, &end); start = end)
		err = pm_zap_range(start, min(end, shown), &restore->keep) ?:
		      pm_zap_range(max(start, shown_end), end, &restore->keep);
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
	unsigned long start, shown_end, addr, end;
	int err = 0;

	pm_shown_range(current->mm, &start, &shown_end);
	for (addr = start; addr < shown_end && !err; addr += PAGE_SIZE) {
		unsigned long first = addr;

		if (restore->shown & BIT_ULL((addr - start) >> PAGE_SHIFT))
			continue;
		if (!pm_home_next_anon(&first, &end) || first > addr)
			continue;
		err = pm_zap_range(addr, addr + PAGE_SIZE, &restore->keep);
	}
	return err;
}
