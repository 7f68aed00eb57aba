// SPDX-License-Identifier: GPL-2.0
/*
 * A forked child's address space, a copy that the kernel has made of its parent's: of that of the
 * program where it runs, and of what the deputy has at home.
 *
 * The parent had all of its memory at the place where it runs, so nothing of the child's is
 * missing there; and of what the copy at home contains nothing is wanted any more.
 */
#include "link.h"
#include "space.h"

/**
 * pm_mm_fork() - the module's state for a forked child's address space
 * @from: the parent's on this node
 * @proc: number of the child
 * @sink: home: the node where the child runs; 0 there
 * @copy: home: it has no other use than to be changed into what the child will have; false keeps
 *	its pages: the child runs in its parent's memory, some of which may still be here only
 *
 * Context: the child, before it has ever been in user mode. Sleeps, not for the network.
 * Return: object with one reference or ERR_PTR.
 */
struct pm_mm *pm_mm_fork(struct pm_mm *from, u64 proc, u32 sink, bool copy)
{
	struct pm_mm *mm = pm_mm_create(proc, from->home, current->mm);
	int err;

	if (IS_ERR(mm))
		return mm;
	if (sink) {
		pm_files_share(mm, from);
		mutex_lock(&mm->lock);
		mm->sink = sink;
		mm->drained = copy ? sink : 0;
		mutex_unlock(&mm->lock);
		set_bit(PM_MM_AWAY, &mm->flags);
		pm_zap_try(mm);
		return mm;
	}
	mm->src[PM_SRC_HOME].node = mm->home;
	set_bit(PM_MM_SINK, &mm->flags);
	err = pm_pagefs_inherit(mm);
	if (!err)
		return mm;
	pm_mm_put(mm);
	return ERR_PTR(err);
}
