// SPDX-License-Identifier: GPL-2.0
/*
 * The source: the node that has pages of a process which runs, or is about to run, elsewhere.
 *
 *   pm_mm_offer()          the image goes to this node, which may ask for pages from now on
 *   pm_mm_source_commit()  home: it runs there
 *   pm_mm_source_abort()   it does not, and runs on here
 *   pm_mm_wait_drained()   until it wants no more
 */
#include <linux/sched/signal.h>
#include "keep.h"
#include "link.h"
#include "space.h"

/**
 * pm_mm_offer() - the image goes to another node
 * @mm: address space
 * @sink: the node, which has opened its page channels before; 0: it does not go there after all
 *
 * Context: may sleep.
 */
void pm_mm_offer(struct pm_mm *mm, u32 sink)
{
	mutex_lock(&mm->lock);
	mm->next = sink;
	mutex_unlock(&mm->lock);
	pm_mm_servers_kill(mm);
}

/**
 * pm_mm_source_commit() - home: the process runs on another node
 * @mm: address space
 * @sink: the node it runs on now
 *
 * Context: a task of the address space, may sleep, does not wait for the network.
 */
void pm_mm_source_commit(struct pm_mm *mm, u32 sink)
{
	mutex_lock(&mm->lock);
	mm->sink = sink;
	if (mm->whole)
		mm->drained = sink;
	mm->whole = false;
	set_bit(PM_MM_AWAY, &mm->flags);
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
	pm_mm_offer(mm, 0);
	/* what is mapped here now is the deputy's; the image brings this back */
	mmap_write_lock(mm->mm);
	mm->mm->def_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	mmap_write_unlock(mm->mm);
	pm_zap_try(mm);
}

/**
 * pm_mm_source_abort() - source: the move failed, the process runs on here
 * @mm: address space, captured
 *
 * At home the channels of the sink are closed. A surrogate leaves that to the sink: by the time
 * that it hears of this, those of the next attempt may be there.
 * Context: any that may sleep. Nothing has been freed.
 */
void pm_mm_source_abort(struct pm_mm *mm)
{
	mutex_lock(&mm->lock);
	mm->next = 0;
	mutex_unlock(&mm->lock);
	if (mm->home == pm_self_id()) {
		pm_mm_servers_kill(mm);
		if (!test_bit(PM_MM_AWAY, &mm->flags)) {
			pm_objects_unguard(mm, false);
			pm_files_drop(mm);
		}
	}
	clear_bit(PM_MM_MOVED, &mm->flags);
	clear_bit(PM_MM_FROZEN, &mm->flags);
	wake_up_all(&mm->wait);
}

/* The sink wants no more, or can't say so any more. */
static bool pm_mm_served(struct pm_mm *mm)
{
	return READ_ONCE(mm->drained) || pm_mm_dead(mm) || !READ_ONCE(mm->npush);
}

/**
 * pm_mm_wait_drained() - source: wait until the sink wants no more pages of this node
 * @mm: address space, committed
 *
 * Context: sleeps, killable. Return: 0, -EINTR, -EPIPE when the sink is gone.
 */
int pm_mm_wait_drained(struct pm_mm *mm)
{
	if (wait_event_killable(mm->wait, pm_mm_served(mm)))
		return -EINTR;
	return READ_ONCE(mm->drained) ? 0 : -EPIPE;
}
