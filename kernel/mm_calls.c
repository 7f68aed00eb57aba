// SPDX-License-Identifier: GPL-2.0
/*
 * Local system calls that the page map must know of before they run.
 *
 * Unmapping of all sorts (munmap, mmap over something, a shrinking brk, mremap) needs nothing
 * here: the MMU notifier sees it. Left are calls that drop pages without unmapping, that
 * take pages elsewhere, and that copy the address space.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "space.h"

/*
 * Pages that madvise() is about to drop need not come any more. It stops at the first
 * mapping that it may not touch, and so does this: what it leaves alone is kept.
 */
static void pm_forget_dropped(struct pm_mm *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned long keep = VM_PFNMAP | VM_HUGETLB;
	unsigned long end = start + PAGE_ALIGN(len);
	struct vm_area_struct *vma;

	if (!PAGE_ALIGNED(start) || end <= start || end > TASK_SIZE_MAX)
		return;
	if (advice != MADV_DONTNEED_LOCKED)
		keep |= VM_LOCKED;
	mmap_read_lock(mm->mm);
	for (vma = find_vma(mm->mm, start); vma && vma->vm_start < end;
	     vma = find_vma(mm->mm, vma->vm_end)) {
		if (vma->vm_flags & keep || (advice == MADV_FREE && !vma_is_anonymous(vma)))
			break;
		pm_map_forget(&mm->map, max(start, vma->vm_start), min(end, vma->vm_end));
	}
	mmap_read_unlock(mm->mm);
	wake_up_all(&mm->wait);
}

/* Is [start, end) in one mapping, or in none? */
static bool pm_in_one_vma(struct pm_mm *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	bool one;

	mmap_read_lock(mm->mm);
	vma = find_vma(mm->mm, start);
	one = !vma || start < vma->vm_start || end <= vma->vm_end;
	mmap_read_unlock(mm->mm);
	return one;
}

/*
 * What moves must be here. A range of several mappings cannot be moved, but it may be that these
 * would be one if all or none of them were watched: let the kernel judge when none is.
 */
static int pm_before_mremap(struct pm_mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + PAGE_ALIGN(len);

	if (!PAGE_ALIGNED(start) || end <= start || end > TASK_SIZE_MAX)
		return 0;
	if (pm_in_one_vma(mm, start, end))
		return pm_fetch_range(mm, start, end);
	return pm_mm_drain_all(mm) == -EINTR ? -ERESTARTNOINTR : 0;
}

/* Flags of a clone3() that the program is about to issue; 0 if they can't be read. */
static u64 pm_clone3_flags(unsigned long uargs)
{
	u64 flags;

	return get_user(flags, (u64 __user *)uargs) ? 0 : flags;
}

/*
 * Who shares the address space without waiting for its end makes calls that are not seen here, so
 * that nothing may be missing any more; the parent of a vfork waits.
 */
#define PM_VFORK	(CLONE_VM | CLONE_VFORK)

static int pm_before_copy(struct pm_mm *mm, bool shares)
{
	int err;

	if (shares)
		return 0;
	err = pm_mm_drain_all(mm);
	return err == -EINTR ? -ERESTARTNOINTR : err ? -ENOMEM : 0;
}

/**
 * pm_mm_before_call() - a task is about to run a local system call
 * @mm: address space of current
 * @regs: orig_ax the number, di, si, ... the arguments
 *
 * Context: the calling task, no locks; may sleep for the network, killable.
 * Return: 0, or a negative errno that the call is to return without being run.
 */
int pm_mm_before_call(struct pm_mm *mm, const struct pt_regs *regs)
{
	int advice;

	if (!READ_ONCE(mm->uffd_ctx))
		return 0;
	switch (regs->orig_ax) {
	case __NR_madvise:
		advice = regs->dx;	/* the upper half means nothing */
		if (advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED ||
		    advice == MADV_FREE)
			pm_forget_dropped(mm, regs->di, regs->si, advice);
		return 0;
	case __NR_mremap:
		return pm_before_mremap(mm, regs->di, regs->si);
	case __NR_fork:
		return pm_before_copy(mm, false);
	case __NR_clone:
		return pm_before_copy(mm, (regs->di & PM_VFORK) == PM_VFORK);
	case __NR_clone3:
		return pm_before_copy(mm, (pm_clone3_flags(regs->di) & PM_VFORK) == PM_VFORK);
	case __NR_userfaultfd:
		return pm_before_copy(mm, false);
	default:
		return 0;
	}
}
