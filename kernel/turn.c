// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: of the moves that somebody asks for only so many to a node, and home from it, go on at the
 * same time. The others wait, in order, while their programs run on.
 *
 * Many at once would not be done earlier than one after the other, but each program would be frozen
 * for nearly as long as all of them take, and a slow node would not do its steps in time.
 *
 * Who waits holds nothing that anybody else may want.
 */
#include "family.h"
#include "node.h"
#include "proc.h"
#include "space.h"

/*
 * Wait for what it still has elsewhere, which may take long and is no matter of the node that it
 * goes to. Whether that fails is for the move to find.
 */
static void pm_turn_drain(struct pm_proc *proc)
{
	struct pm_mm *mm = NULL;

	spin_lock(&proc->lock);
	if (proc->state == PM_DRAINING && proc->mm)
		mm = pm_mm_get(proc->mm);
	spin_unlock(&proc->lock);
	if (!mm)
		return;
	pm_mm_drain(mm, MAX_SCHEDULE_TIMEOUT);
	pm_mm_put(mm);
}

/* The node whose turn a move to @dest takes, counted, or NULL. */
static struct pm_node *pm_turn_node(struct pm_turn *turn, struct pid *tgid, u32 dest)
{
	struct pm_proc *proc = pm_proc_find(PM_DEPUTY, tgid);
	u32 from = pm_self_id();

	if (proc) {
		pm_turn_drain(proc);
		from = READ_ONCE(proc->node);
		pm_proc_put(proc);
	}
	turn->home = dest == pm_self_id();
	return from == dest ? NULL : pm_node_get(turn->home ? from : dest);
}

int pm_turn_take(struct pm_turn *turn, struct pid *tgid, u32 dest)
{
	turn->node = pm_turn_node(turn, tgid, dest);
	if (!turn->node || !down_killable(&turn->node->turns[turn->home]))
		return 0;
	pm_node_put(turn->node);
	return -EINTR;
}

void pm_turn_end(struct pm_turn *turn)
{
	if (!turn->node)
		return;
	up(&turn->node->turns[turn->home]);
	pm_node_put(turn->node);
}
