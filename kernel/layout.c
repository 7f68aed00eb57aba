// SPDX-License-Identifier: GPL-2.0
/*
 * What a mapping is, in the words of the image, and how it is made to be that.
 */
#include <linux/dax.h>
#include <linux/hugetlb.h>
#include <linux/membarrier.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pkeys.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/syscalls.h>
#include "compat.h"
#include "space.h"

/**
 * struct pm_flag - a flag of a mapping that madvise() sets and clears
 * @vm: in vm_flags
 * @img: PM_VMA_*
 * @on: advice to set it
 * @off: advice to clear it, -1 for none
 */
struct pm_flag {
	unsigned long vm;
	u32 img;
	int on;
	int off;
};

static const struct pm_flag pm_flags[] = {
	{ VM_RAND_READ, PM_VMA_RANDOM, MADV_RANDOM, MADV_NORMAL },
	{ VM_SEQ_READ, PM_VMA_SEQ, MADV_SEQUENTIAL, MADV_NORMAL },
	{ VM_DONTCOPY, PM_VMA_DONTFORK, MADV_DONTFORK, MADV_DOFORK },
	{ VM_WIPEONFORK, PM_VMA_WIPE, MADV_WIPEONFORK, MADV_KEEPONFORK },
	{ VM_HUGEPAGE, PM_VMA_HUGE, MADV_HUGEPAGE, -1 },
	{ VM_NOHUGEPAGE, PM_VMA_NOHUGE, MADV_NOHUGEPAGE, -1 },
	{ VM_DONTDUMP, PM_VMA_DONTDUMP, MADV_DONTDUMP, MADV_DODUMP },
	{ VM_MERGEABLE, PM_VMA_MERGE, MADV_MERGEABLE, MADV_UNMERGEABLE },
};

static int pm_special_kind(const char *name, const char **why)
{
	if (name && !strcmp(name, "[vdso]"))
		return PM_VMA_VDSO;
	if (name && !strcmp(name, "[vvar]"))
		return PM_VMA_VVAR;
	*why = "memory of a device or of the kernel";
	return -EOPNOTSUPP;
}

static int pm_file_kind(struct vm_area_struct *vma, const char **why)
{
	struct file *file = vma->vm_file;

	*why = NULL;
	if (vma_is_dax(vma))
		*why = "persistent memory, mapped directly";
	else if (pm_file_sysv(file))
		*why = "System V shared memory that is attached to be read";
	else if (!pm_pagefs_file(file, NULL, NULL) &&
		 (!(file->f_mode & FMODE_READ) || !file->f_op->read_iter || file->f_op->read))
		*why = "a file that can be mapped but not read";
	return *why ? -EOPNOTSUPP : PM_VMA_FILE;
}

/**
 * pm_vma_kind() - what kind of mapping this is
 * @vma: the mapping
 * @why: what forbids to move it, on error; may be NULL
 *
 * Context: caller holds mmap_lock.
 * Return: enum pm_img_kind, or -EOPNOTSUPP if it can't move.
 */
int pm_vma_kind(struct vm_area_struct *vma, const char **why)
{
	const char *unused;

	if (!why)
		why = &unused;
	if (vma->vm_ops && vma->vm_ops->name) {
		const char *name = vma->vm_ops->name(vma);

		if (name || !vma->vm_file)
			return pm_special_kind(name, why);
	}
	*why = NULL;
	if (is_vm_hugetlb_page(vma))
		*why = "explicit huge pages";
	else if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		*why = "memory of a device or of the kernel";
	else if (vma->vm_flags & VM_SHARED && !pm_vma_shared(vma))
		*why = "a file that is mapped to be written, but is not one on a disk";
	else if (vma->vm_userfaultfd_ctx.ctx &&
		 !pm_mm_watches(vma->vm_mm, vma->vm_userfaultfd_ctx.ctx))
		*why = "memory under a userfaultfd of the program";
	if (*why)
		return -EOPNOTSUPP;
	if (vma_is_anonymous(vma))
		return PM_VMA_ANON;
	if (pm_vma_shared(vma))
		return PM_VMA_OBJECT;
	if (vma->vm_file)
		return pm_file_kind(vma, why);
	*why = "memory of the kernel";
	return -EOPNOTSUPP;
}

/* PM_VMA_* of a mapping. Caller holds mmap_lock. */
u32 pm_vma_flags(struct vm_area_struct *vma)
{
	unsigned long vm = vma->vm_flags;
	u32 flags = 0;
	int i;

	flags |= vm & VM_READ ? PM_VMA_READ : 0;
	flags |= vm & VM_WRITE ? PM_VMA_WRITE : 0;
	flags |= vm & VM_EXEC ? PM_VMA_EXEC : 0;
	flags |= vm & VM_MAYSHARE ? PM_VMA_SHARED : 0;
	flags |= vm & VM_GROWSDOWN ? PM_VMA_GROWS : 0;
	flags |= vm & VM_NORESERVE ? PM_VMA_NORESERVE : 0;
	flags |= vm & VM_LOCKED ? PM_VMA_LOCKED : 0;
	flags |= vm & VM_LOCKONFAULT ? PM_VMA_ONFAULT : 0;
	flags |= vm & VM_ACCOUNT ? PM_VMA_ACCOUNT : 0;
	for (i = 0; i < ARRAY_SIZE(pm_flags); i++)
		flags |= vm & pm_flags[i].vm ? pm_flags[i].img : 0;
	return flags;
}

static long pm_advise(unsigned long start, unsigned long end, int advice)
{
	return pm_syscall6(__NR_madvise, start, end - start, advice, 0, 0, 0);
}

/* What is locked in [start, end) is all locked as by mlock(), though not all of it may be there. */
static void pm_vma_lock_whole(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;

	mmap_write_lock(current->mm);
	/* but not a neighbour that it has been joined with */
	for (vma = find_vma(current->mm, start); vma && vma->vm_start < end;
	     vma = find_vma(current->mm, vma->vm_end))
		if (vma->vm_start >= start && vma->vm_end <= end)
			pm_vma_clear(vma, VM_LOCKONFAULT);
	mmap_write_unlock(current->mm);
}

/**
 * pm_vma_set_flags() - change the flags of a range that madvise() and mlock() know
 * @start: first address
 * @end: end of the range, all of it mapped
 * @have: PM_VMA_* that it has
 * @want: PM_VMA_* that it is to have
 *
 * Locked pages are locked as they come: filling them in would wait for all of them. What
 * this machine has no use for (huge pages, merging) is left out silently.
 * Context: current is of the address space, may sleep.
 * Return: 0 or the error of what must not be left out.
 */
int pm_vma_set_flags(unsigned long start, unsigned long end, u32 have, u32 want)
{
	u32 change = have ^ want;
	long err;
	int i;

	/* to clear one may clear another */
	for (i = 0; i < ARRAY_SIZE(pm_flags); i++)
		if (change & have & pm_flags[i].img && pm_flags[i].off >= 0)
			pm_advise(start, end, pm_flags[i].off);
	for (i = 0; i < ARRAY_SIZE(pm_flags); i++) {
		if (!(want & pm_flags[i].img) || (!(change & pm_flags[i].img) &&
						  pm_flags[i].off != MADV_NORMAL))
			continue;
		err = pm_advise(start, end, pm_flags[i].on);
		if (err && pm_flags[i].img & (PM_VMA_DONTFORK | PM_VMA_WIPE))
			return err;
	}
	if (change & (PM_VMA_LOCKED | PM_VMA_ONFAULT)) {
		if (!(want & PM_VMA_LOCKED))
			pm_syscall6(__NR_munlock, start, end - start, 0, 0, 0, 0);
		else if (!pm_syscall6(__NR_mlock2, start, end - start, MLOCK_ONFAULT, 0, 0, 0) &&
			 !(want & PM_VMA_ONFAULT))
			pm_vma_lock_whole(start, end);
	}
	return 0;
}

/* Describe the bounds of @mm. Caller holds mmap_lock. */
void pm_bounds_get(struct mm_struct *mm, struct pm_img_mm *img)
{
	u32 flags = 0;

	img->start_code = cpu_to_le64(mm->start_code);
	img->end_code = cpu_to_le64(mm->end_code);
	img->start_data = cpu_to_le64(mm->start_data);
	img->end_data = cpu_to_le64(mm->end_data);
	img->start_brk = cpu_to_le64(mm->start_brk);
	img->brk = cpu_to_le64(mm->brk);
	img->start_stack = cpu_to_le64(mm->start_stack);
	img->mmap_base = cpu_to_le64(mm->mmap_base);
	img->arg_start = cpu_to_le64(mm->arg_start);
	img->arg_end = cpu_to_le64(mm->arg_end);
	img->env_start = cpu_to_le64(mm->env_start);
	img->env_end = cpu_to_le64(mm->env_end);
	img->vdso = cpu_to_le64((unsigned long)mm->context.vdso);
	if (test_bit(MMF_DISABLE_THP, &mm->flags))
		flags |= PM_IMG_NOTHP;
	if (mm->def_flags & VM_LOCKED)
		flags |= PM_IMG_LOCKFUT;
	if (mm->def_flags & VM_LOCKONFAULT)
		flags |= PM_IMG_ONFAULT;
	img->flags = cpu_to_le32(flags);
	img->membarrier = cpu_to_le32(atomic_read(&mm->membarrier_state));
	img->pkeys = cpu_to_le32(mm->context.pkey_allocation_map);
	img->exec_pkey = cpu_to_le32(mm->context.execute_only_pkey);
}

/* Registrations of membarrier(): the kernel must hear of them, setting bits is not enough. */
static int pm_membarrier_set(u32 state)
{
	static const struct {
		u32 bit;
		int cmd;
	} regs[] = {
		{ MEMBARRIER_STATE_PRIVATE_EXPEDITED,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED },
		{ MEMBARRIER_STATE_GLOBAL_EXPEDITED,
		  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED },
		{ MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE },
		{ MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ },
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (!(state & regs[i].bit))
			continue;
		err = pm_syscall6(__NR_membarrier, regs[i].cmd, 0, 0, 0, 0, 0);
		if (err)
			return err;
	}
	return 0;
}

static bool pm_bounds_sane(const struct pm_img_mm *img)
{
	const __le64 *bound = &img->start_code;
	int i;

	for (i = 0; i < offsetof(struct pm_img_mm, vdso) / sizeof(*bound); i++)
		if (le64_to_cpu(bound[i]) >= TASK_SIZE_MAX)
			return false;
	return le64_to_cpu(img->start_brk) <= le64_to_cpu(img->brk) &&
	       le64_to_cpu(img->arg_start) <= le64_to_cpu(img->arg_end) &&
	       le64_to_cpu(img->env_start) <= le64_to_cpu(img->env_end);
}

/**
 * pm_bounds_set() - give an address space the bounds of the image
 * @mm: the address space, current's
 * @img: from the peer, not checked yet
 *
 * Context: may sleep, takes mmap_lock for writing.
 * Return: 0, -EPROTO senseless bounds, or an error of membarrier().
 */
int pm_bounds_set(struct mm_struct *mm, const struct pm_img_mm *img)
{
	u32 flags = le32_to_cpu(img->flags);

	if (!pm_bounds_sane(img))
		return -EPROTO;
	mmap_write_lock(mm);
	spin_lock(&mm->arg_lock);
	mm->start_code = le64_to_cpu(img->start_code);
	mm->end_code = le64_to_cpu(img->end_code);
	mm->start_data = le64_to_cpu(img->start_data);
	mm->end_data = le64_to_cpu(img->end_data);
	mm->start_brk = le64_to_cpu(img->start_brk);
	mm->brk = le64_to_cpu(img->brk);
	mm->start_stack = le64_to_cpu(img->start_stack);
	mm->arg_start = le64_to_cpu(img->arg_start);
	mm->arg_end = le64_to_cpu(img->arg_end);
	mm->env_start = le64_to_cpu(img->env_start);
	mm->env_end = le64_to_cpu(img->env_end);
	spin_unlock(&mm->arg_lock);
	mm->mmap_base = le64_to_cpu(img->mmap_base);
	mm->def_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	mm->def_flags |= flags & PM_IMG_LOCKFUT ? VM_LOCKED : 0;
	mm->def_flags |= flags & PM_IMG_ONFAULT ? VM_LOCKONFAULT : 0;
	if (flags & PM_IMG_NOTHP)
		set_bit(MMF_DISABLE_THP, &mm->flags);
	else
		clear_bit(MMF_DISABLE_THP, &mm->flags);
	mmap_write_unlock(mm);
	return pm_membarrier_set(le32_to_cpu(img->membarrier));
}

/* May the kernel make them one mapping when their protection is the same? */
static bool pm_vma_joins(struct vm_area_struct *vma, struct vm_area_struct *prev)
{
	return prev && prev->anon_vma && vma_is_anonymous(prev) && prev->vm_end == vma->vm_start &&
	       !((prev->vm_flags ^ vma->vm_flags) &
		 ~(VM_ACCESS_FLAGS | VM_SOFTDIRTY | VM_ACCOUNT));
}

/**
 * pm_layout_join() - let neighbours be one mapping again some day
 * @mm: address space of current, whose mappings have been restored, but not its pages
 *
 * Parts of a mapping that the program has given different protections share an anon_vma, and the
 * kernel joins only mappings that do. Left to the faults, the parts could get it from different
 * neighbours.
 *
 * Context: takes mmap_lock for writing; sleeps. Return: 0 or -ENOMEM.
 */
int pm_layout_join(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *prev = NULL;
	int err = 0;

	mmap_write_lock(mm);
	for (vma = find_vma(mm, 0); vma && !err; vma = find_vma(mm, vma->vm_end)) {
		if (vma_is_anonymous(vma) && !vma->anon_vma)
			err = pm_vma_joins(vma, prev) ? pm_anon_vma_share(vma, prev) :
			      pm_anon_vma_prepare(vma);
		prev = vma;
	}
	mmap_write_unlock(mm);
	return err;
}

void pm_shown_range(struct mm_struct *mm, unsigned long *start, unsigned long *end)
{
	spin_lock(&mm->arg_lock);
	*start = mm->arg_start & PAGE_MASK;
	*end = min(PAGE_ALIGN(mm->env_end), *start + PM_SHOWN_PAGES * PAGE_SIZE);
	spin_unlock(&mm->arg_lock);
}
