// SPDX-License-Identifier: GPL-2.0
/*
 * A forked child's address space, a copy that the kernel has made of its parent's: of that of the
 * program where it runs, and of what the deputy has at home.
 *
 * The parent had all of its memory at the place where it runs, so nothing of the child's is
 * missing there; and of what the copy at home contains nothing is wanted any more.
 */
#include <linux/mm.h>
#include "link.h"
#include "space.h"

int pm_mm_forked_trim(void)
{
	struct mm_struct *mm = current->mm;
	unsigned long start, end = 0;
	struct vm_area_struct *vma;
	int err = 0;

	do {
		mmap_read_lock(mm);
		vma = find_vma(mm, end);
		while (vma && !pm_vma_shared(vma))
			vma = find_vma(mm, vma->vm_end);
		start = vma ? vma->vm_start : 0;
		end = vma ? vma->vm_end : 0;
		mmap_read_unlock(mm);
		if (end)
			err = vm_munmap(start, end - start);
	} while (end && !err);
	return err;
}

/**
 * pm_mm_fork() - the module's state for a forked child's address space
 * @from: the parent's on this node
 * @user_mm: the child's address space, in which nothing has run yet; the caller holds mm_users
 * @proc: number of the child
 * @sink: home: the node where the child runs; 0 there
 * @copy: home: it has no other use than to be changed into what the child will have; false keeps
 *	its pages: the child runs in its parent's memory, some of which may still be here only
 * @shares: it shares memory with its parent from now on
 *
 * Context: the parent; sleeps, not for the network.
 * Return: object with one reference or ERR_PTR.
 */
struct pm_mm *pm_mm_fork(struct pm_mm *from, struct mm_struct *user_mm, u64 proc, u32 sink,
			 bool copy, bool shares)
{
	struct pm_mm *mm = pm_mm_create(proc, from->home, user_mm);
	int err;

	if (IS_ERR(mm))
		return mm;
	/* where what it shares is, should it end at once */
	WRITE_ONCE(mm->sink, sink);
	err = shares ? pm_objects_inherit(mm, from) : 0;
	if (err)
		goto put;
	if (sink) {
		pm_files_share(mm, from);
		mutex_lock(&mm->lock);
		mm->sink = sink;
		mm->drained = copy ? sink : 0;
		mutex_unlock(&mm->lock);
		set_bit(PM_MM_AWAY, &mm->flags);
		return mm;
	}
	mm->src[PM_SRC_HOME].node = mm->home;
	set_bit(PM_MM_SINK, &mm->flags);
	pm_opens_use(mm, pm_opens_get(from->opens));
	if (test_bit(PM_MM_SHARED, &from->flags))
		set_bit(PM_MM_SHARED, &mm->flags);
	err = pm_pagefs_inherit(mm);
	if (!err)
		return mm;
put:
	pm_mm_put(mm);
	return ERR_PTR(err);
}
