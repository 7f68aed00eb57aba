// SPDX-License-Identifier: GPL-2.0
/*
 * Local system calls that the page map must know of before they run.
 *
 * Unmapping of all sorts (munmap, mmap over something, a shrinking brk, mremap) needs nothing
 * here: the MMU notifier sees it. Left are calls that drop pages without unmapping, that
 * take pages elsewhere or map them anew, and that copy the address space.
 */
#include <linux/futex.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "link.h"
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

	if (!PAGE_ALIGNED(start) || end <= start)
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

/*
 * The same of pages of shared objects that MADV_REMOVE is about to drop. What is forgotten of
 * mappings that it will not touch would be lost: it stops at the first of these.
 * Return: false if it cannot be told whether the kernel does. Some ask whether the mapping is
 * writable, others whether it may become so.
 */
static bool pm_forget_removed(struct pm_mm *mm, unsigned long start, unsigned long len)
{
	unsigned long need = VM_SHARED | VM_WRITE;
	unsigned long end = start + PAGE_ALIGN(len), from;
	struct vm_area_struct *vma;
	bool sure = true;

	if (!PAGE_ALIGNED(start) || end <= start)
		return true;
	mmap_read_lock(mm->mm);
	for (vma = find_vma(mm->mm, start); vma && vma->vm_start < end;
	     vma = find_vma(mm->mm, vma->vm_end)) {
		u64 first;

		sure = (vma->vm_flags & (VM_SHARED | VM_MAYWRITE | VM_WRITE)) !=
		       (VM_SHARED | VM_MAYWRITE);
		if ((vma->vm_flags & (need | VM_LOCKED)) != need || !pm_vma_shared(vma))
			break;
		from = max(start, vma->vm_start);
		first = pm_page_addr(mm, vma, from);
		pm_map_forget(&mm->map, first, first + min(end, vma->vm_end) - from);
	}
	mmap_read_unlock(mm->mm);
	wake_up_all(&mm->wait);
	return sure;
}

/* The shared object that is mapped at @addr, 0 if there is none. */
static u32 pm_object_at(struct pm_mm *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	u32 id = 0;

	mmap_read_lock(mm->mm);
	vma = find_vma(mm->mm, addr);
	if (vma && vma->vm_start <= addr)
		id = pm_vma_object(mm, vma);
	mmap_read_unlock(mm->mm);
	return id;
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

static bool pm_watched(struct pm_mm *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	bool watched;

	mmap_read_lock(mm->mm);
	vma = find_vma(mm->mm, addr);
	watched = vma && vma->vm_start <= addr && vma->vm_userfaultfd_ctx.ctx;
	mmap_read_unlock(mm->mm);
	return watched;
}

static int pm_before_drain(struct pm_mm *mm)
{
	int err = pm_mm_drain_all(mm);

	return err == -EINTR ? -ERESTARTNOINTR : err ? -EFAULT : 0;
}

/*
 * What moves must be here, and not be watched: the kernel takes what it has moved out of the watch,
 * and with it a neighbour with which it has joined it, which it does if both are watched. Of a
 * shared object all must be here: the new mapping may show another part of it, and with a
 * length of 0 it is one more. A range of several mappings cannot be moved, but it may be that
 * these would be one if all or none of them were watched: let the kernel judge when none is.
 */
static int pm_before_mremap(struct pm_mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + PAGE_ALIGN(len);
	u32 object;
	int err;

	if (!PAGE_ALIGNED(start) || end < start || end > TASK_SIZE_MAX)
		return 0;
	if (!pm_in_one_vma(mm, start, end))
		return pm_before_drain(mm);
	object = pm_object_at(mm, start);
	if (object || start == end || !pm_watched(mm, start))
		return object ? pm_object_fetch(mm, object) : 0;
	err = pm_fetch_range(mm, start, end);
	return err ?: pm_uffd_unwatch(mm, start, end) ? pm_before_drain(mm) : 0;
}

/* Flags of a clone3() that the program is about to issue; 0 if they can't be read. */
static u64 pm_clone3_flags(unsigned long uargs)
{
	u64 flags;

	return get_user(flags, (u64 __user *)uargs) ? 0 : flags;
}

/*
 * Who shares the address space without waiting for its end makes calls that are not seen here, so
 * that nothing may be missing any more; the parent of a vfork waits, and its child is a surrogate
 * too. At home it is not.
 */
#define PM_VFORK	(CLONE_VM | CLONE_VFORK)

/* At home a filter or a tracer has its say after this; elsewhere the filters have been asked. */
static bool pm_may_be_refused(struct pm_mm *mm)
{
	return mm->home == pm_self_id() && (test_syscall_work(SECCOMP) || current->ptrace);
}

static int pm_before_madvise(struct pm_mm *mm, unsigned long start, unsigned long len, int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		if (pm_may_be_refused(mm))
			return pm_before_drain(mm);
		pm_forget_dropped(mm, start, len, advice);
		return 0;
	case MADV_REMOVE:
		return pm_may_be_refused(mm) || !pm_forget_removed(mm, start, len) ?
		       pm_before_drain(mm) : 0;
	case MADV_COLLAPSE:
		/* it fills holes of shared memory */
		return pm_before_drain(mm);
	default:
		return 0;
	}
}

/* What a child of vfork() would not find in the copy with which it goes home. */
static int pm_fetch_uncopied(struct pm_mm *mm)
{
	unsigned long start, end = 0;
	struct vm_area_struct *vma;
	int err = 0;

	while (!err) {
		mmap_read_lock(mm->mm);
		vma = find_vma(mm->mm, end);
		while (vma && !(vma->vm_flags & (VM_DONTCOPY | VM_WIPEONFORK)))
			vma = find_vma(mm->mm, vma->vm_end);
		start = vma ? max(vma->vm_start, end) : 0;
		end = vma ? vma->vm_end : 0;
		mmap_read_unlock(mm->mm);
		if (!end)
			break;
		err = pm_fetch_range(mm, start, end);
	}
	return err;
}

static int pm_before_copy(struct pm_mm *mm, bool shares)
{
	int err;

	if (shares && mm->home != pm_self_id())
		err = pm_fetch_uncopied(mm);
	else
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
	if ((u32)regs->orig_ax == __NR_mmap && (regs->r10 & MAP_TYPE) != MAP_PRIVATE)
		set_bit(PM_MM_SHARED, &mm->flags);
	if (!READ_ONCE(mm->uffd_ctx))
		return 0;
	switch ((u32)regs->orig_ax) {
	case __NR_madvise:
		/* the upper half of the advice means nothing */
		return pm_before_madvise(mm, regs->di, regs->si, regs->dx);
	case __NR_mremap:
		return pm_before_mremap(mm, regs->di, regs->si);
	case __NR_remap_file_pages:
	case __NR_process_madvise:
		return pm_before_drain(mm);
	case __NR_fork:
		return pm_before_copy(mm, false);
	case __NR_vfork:
		return pm_before_copy(mm, true);
	case __NR_clone:
		return pm_before_copy(mm, (regs->di & PM_VFORK) == PM_VFORK);
	case __NR_clone3:
		return pm_before_copy(mm, (pm_clone3_flags(regs->di) & PM_VFORK) == PM_VFORK);
	case __NR_userfaultfd:
	case __NR_io_uring_setup:
		/* its calls are not seen either */
		return pm_before_copy(mm, false);
	default:
		return 0;
	}
}

int pm_mm_before_replace(struct pm_mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + PAGE_ALIGN(len);
	int err;

	if (!READ_ONCE(mm->uffd_ctx) || end <= start || end > TASK_SIZE_MAX)
		return 0;
	err = pm_fetch_range(mm, start, end);
	return err == -EINTR ? -ERESTARTNOINTR : err;
}

/**
 * pm_mm_unmaps() - may a local system call take the last mapping of a shared object away?
 * @mm: address space of current
 * @nr: number of the call
 *
 * pm_objects_prune() is due after it then.
 */
bool pm_mm_unmaps(struct pm_mm *mm, unsigned int nr)
{
	return !xa_empty(&mm->objects) &&
	       (nr == __NR_munmap || nr == __NR_mmap || nr == __NR_mremap);
}

/*
 * Does a call make a file executable that was not? Only home knows whether it may be: what is
 * mounted there so that nothing can be executed, and what security modules say.
 */
static bool pm_makes_executable(struct pm_mm *mm, const struct pt_regs *regs)
{
	unsigned long start = regs->di, end = start + PAGE_ALIGN(regs->si), exec = PROT_EXEC;
	struct vm_area_struct *vma;
	bool file = false;

	if (current->personality & READ_IMPLIES_EXEC)
		exec |= PROT_READ;
	if (!(regs->dx & exec))
		return false;
	mmap_read_lock(mm->mm);
	for (vma = find_vma(mm->mm, start); vma && vma->vm_start < end && !file;
	     vma = find_vma(mm->mm, vma->vm_end))
		file = vma->vm_file && !(vma->vm_flags & VM_EXEC);
	mmap_read_unlock(mm->mm);
	return file;
}

/* kernel/futex/futex.h: FLAGS_SHARED */
#define PM_FUTEX_SHARED	0x01

/* Is it in a file that is mapped to be read? Who stores there, and wakes, does so at home. */
static bool pm_futex_at_home(struct pm_mm *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	bool home;

	mmap_read_lock(mm->mm);
	vma = vma_lookup(mm->mm, addr);
	home = vma && vma->vm_flags & VM_MAYSHARE && vma->vm_file &&
	       pm_pagefs_file(vma->vm_file, NULL, NULL);
	mmap_read_unlock(mm->mm);
	return home;
}

static bool pm_futexes_at_home(struct pm_mm *mm, unsigned long from, unsigned long n)
{
	struct futex_waitv __user *user = (void __user *)from;
	struct futex_waitv waiter;
	unsigned long i;

	for (i = 0; i < min_t(unsigned long, n, FUTEX_WAITV_MAX); i++) {
		if (copy_from_user(&waiter, user + i, sizeof(waiter)))
			return false;
		if (!(waiter.flags & FUTEX_PRIVATE_FLAG) && pm_futex_at_home(mm, waiter.uaddr))
			return true;
	}
	return false;
}

/* Is it a call about a futex of which others know only at home? */
static bool pm_futex_recalls(struct pm_mm *mm, const struct pt_regs *regs)
{
	const struct restart_block *block = &current->restart_block;

	switch ((u32)regs->orig_ax) {
	case __NR_futex:
		return !(regs->si & FUTEX_PRIVATE_FLAG) && pm_futex_at_home(mm, regs->di);
	case __NR_futex_waitv:
		return pm_futexes_at_home(mm, regs->di, (u32)regs->si);
	case __NR_restart_syscall:
		return pm_restart_is_futex(block) && block->futex.flags & PM_FUTEX_SHARED &&
		       pm_futex_at_home(mm, (unsigned long)block->futex.uaddr);
	default:
		return false;
	}
}

/**
 * pm_mm_recalls() - must a local system call be made at home, for what is mapped?
 * @mm: address space of current
 * @regs: as of pm_mm_before_call()
 *
 * Of a file that is mapped to be written, what msync() is for is there, and what MADV_REMOVE gives
 * back.
 */
bool pm_mm_recalls(struct pm_mm *mm, const struct pt_regs *regs)
{
	u32 nr = regs->orig_ax;

	if (nr == __NR_mprotect || nr == __NR_pkey_mprotect)
		return pm_makes_executable(mm, regs);
	if (pm_futex_recalls(mm, regs))
		return true;
	if (!xa_marked(&mm->objects, PM_OBJECT_FILE))
		return false;
	return nr == __NR_msync || nr == __NR_process_madvise ||
	       (nr == __NR_madvise && (int)regs->dx == MADV_REMOVE);
}
