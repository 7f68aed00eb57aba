// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: of the moves that somebody asks for only so many to a node, or home from it, go on at the
 * same time. The others wait, in order, while their programs run on.
 *
 * Many at once would not be done earlier than one after the other, but each program would be frozen
 * for nearly as long as all of them take, and a slow node would not do its steps in time.
 *
 * Who waits holds nothing that anybody else may want.
 */
#include <linux/semaphore.h>
#include "family.h"
#include "node.h"
#include "proc.h"
#include "space.h"

/*
 * Wait for what it still has elsewhere, which may take long and is no matter of the node that it goes
 * to. Whether that fails is for the move to find.
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
	pm_mm_drain(mm);
	pm_mm_put(mm);
}

struct pm_node *pm_turn_take(struct pm_proc *proc, u32 dest)
{
	struct pm_node *node;

	pm_turn_drain(proc);
	node = pm_node_get(dest == proc->home ? READ_ONCE(proc->node) : dest);
	if (!node || !down_killable(&node->turns))
		return node;
	pm_node_put(node);
	return ERR_PTR(-EINTR);
}

void pm_turn_end(struct pm_node *node)
{
	if (!node)
		return;
	up(&node->turns);
	pm_node_put(node);
}
