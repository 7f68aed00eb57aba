// SPDX-License-Identifier: GPL-2.0
/*
 * Frees pages of the home node's address space: what the process has taken with it,
 * and what is out of date when it comes back.
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/syscalls.h>
#include "compat.h"
#include "link.h"
#include "call.h"
#include "space.h"

/* Drop all private pages of [start, end) in the address space of current. */
static int pm_zap(unsigned long start, unsigned long end)
{
	if (start >= end)
		return 0;
	return pm_syscall6(__NR_madvise, start, end - start, MADV_DONTNEED_LOCKED, 0, 0, 0);
}

/**
 * pm_zap_range() - drop all pages of a private mapping but some
 * @start: first address
 * @end: end of the range
 * @keep: map whose PM_SRC_HOME pages stay, or NULL
 *
 * Context: current is of the address space, may sleep, takes mmap_lock.
 * Return: 0 or negative errno.
 */
int pm_zap_range(unsigned long start, unsigned long end, struct pm_pagemap *keep)
{
	unsigned long next;
	int err = 0;

	while (start < end && !err) {
		next = keep ? pm_map_next(keep, PM_SRC_HOME, start, end) : end;
		err = pm_zap(start, next);
		start = next;
		while (start < end && pm_map_where(keep, start) == PM_SRC_HOME)
			start += PAGE_SIZE;
	}
	return err;
}

/* Move *@start past what must stay, and *@end before it. False: nothing to do here. */
static bool pm_zap_trim(unsigned long *start, unsigned long *end, unsigned long from,
			unsigned long to)
{
	if (*start >= to || *end <= from)
		return true;
	if (*start >= from) {
		*start = min(*end, to);
		return *start < *end;
	}
	*end = from;
	return true;
}

/* May a mapping be emptied? Scratch memory of forwarded calls is the deputy's own: not that. */
static bool pm_zap_wanted(struct vm_area_struct *vma)
{
	int kind = pm_vma_kind(vma, NULL);

	return (kind == PM_VMA_ANON || kind == PM_VMA_FILE) &&
	       !pm_scratch_hits(vma->vm_start, vma->vm_end - vma->vm_start);
}

/*
 * The next range at or after *@start that may be freed: private memory, without the arguments
 * and the environment, which /proc shows.
 */
static bool pm_zap_next(struct pm_mm *mm, unsigned long *start, unsigned long *end)
{
	struct mm_struct *user_mm = mm->mm;
	struct vm_area_struct *vma;
	bool found = false;

	mmap_read_lock(user_mm);
	while (!found && (vma = find_vma(user_mm, *start))) {
		*start = max(*start, vma->vm_start);
		*end = vma->vm_end;
		if (pm_zap_wanted(vma))
			found = pm_zap_trim(start, end, user_mm->arg_start & PAGE_MASK,
					    PAGE_ALIGN(user_mm->env_end));
		else
			*start = *end;
	}
	mmap_read_unlock(user_mm);
	return found;
}

static void pm_zap_all(struct pm_mm *mm)
{
	unsigned long start, end = 0;

	for (start = 0; pm_zap_next(mm, &start, &end); start = end)
		pm_zap(start, end);
	pm_objects_zap(mm);
}

/*
 * The next mapping at or after *@start of @file, or without one of a file that is not in @open.
 * False if there is none.
 */
static bool pm_zap_next_file(struct mm_struct *mm, const struct file *file, struct xarray *open,
			     unsigned long *start, unsigned long *end)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, *start); vma; vma = find_vma(mm, vma->vm_end)) {
		if (pm_vma_kind(vma, NULL) != PM_VMA_FILE)
			continue;
		if (file ? vma->vm_file == file : !xa_load(open, (unsigned long)vma->vm_file))
			break;
	}
	if (vma) {
		*start = vma->vm_start;
		*end = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return vma;
}

/*
 * Mappings of files stay at home, and stand for those where the program runs, or where one ran
 * that it was forked from: of what they have nothing is wanted. In the address space of current.
 */
static void pm_zap_files(struct pm_mm *mm, const struct file *file, struct xarray *open)
{
	unsigned long start = 0, end;

	mutex_lock(&mm->zap_lock);
	while (test_bit(PM_MM_AWAY, &mm->flags) &&
	       pm_zap_next_file(mm->mm, file, open, &start, &end) &&
	       !vm_munmap(start, end - start)) {
		start = end;
		cond_resched();
	}
	mutex_unlock(&mm->zap_lock);
}

void pm_zap_file(struct pm_mm *mm, const struct file *file)
{
	if (!test_bit(PM_MM_AWAY, &mm->flags) || !mmget_not_zero(mm->mm))
		return;
	kthread_use_mm(mm->mm);
	pm_zap_files(mm, file, NULL);
	kthread_unuse_mm(mm->mm);
	mmput_async(mm->mm);
}

void pm_zap_hold(struct pm_mm *mm)
{
	mutex_lock(&mm->zap_lock);
}

void pm_zap_release(struct pm_mm *mm)
{
	mutex_unlock(&mm->zap_lock);
}

void pm_zap_closed(struct pm_mm *mm)
{
	struct xarray open;

	xa_init(&open);
	/* if there is no memory they stay for longer */
	if (!pm_files_list(mm, &open))
		pm_zap_files(mm, NULL, &open);
	xa_destroy(&open);
}

static bool pm_zap_due(struct pm_mm *mm)
{
	bool due;

	mutex_lock(&mm->lock);
	due = mm->home == pm_self_id() && test_bit(PM_MM_AWAY, &mm->flags) &&
	      mm->drained == mm->sink;
	mutex_unlock(&mm->lock);
	return due;
}

/**
 * pm_zap_try() - free the home's pages if the process is away and wants no more of them
 * @mm: address space
 *
 * Context: a kernel thread, or a task of the address space; may sleep, no locks held.
 */
void pm_zap_try(struct pm_mm *mm)
{
	bool adopt = current->mm != mm->mm;

	if (!pm_zap_due(mm) || (adopt && !mmget_not_zero(mm->mm)))
		return;
	if (adopt)
		kthread_use_mm(mm->mm);
	mutex_lock(&mm->zap_lock);
	if (pm_zap_due(mm))
		pm_zap_all(mm);
	mutex_unlock(&mm->zap_lock);
	if (adopt) {
		kthread_unuse_mm(mm->mm);
		mmput_async(mm->mm);
	}
}
