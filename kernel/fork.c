// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is away creates a process: how, and what both ends (fork_home.c, fork_remote.c)
 * have in common.
 *
 *	parent here		parent at home		child at home		child here
 *	CLONE ----------------> clones itself --------> waits
 *				READY -----------------> becomes a deputy
 *	  <------------------------ its id
 *				opens its channel
 *	clones itself, with that id; waits for the channel --------------------> waits
 *	BORN -----------------> GO -------------------> serves it
 *	READY -----------------------------------------------------------------> runs
 *
 * It is the parents who make what the children need, as far as another task can: to have a new one
 * run, and to wait for it, takes longer than all of that. With its id home proposes that of the
 * next child: then both clone themselves at the same time, and the one here is dropped if home has
 * taken another id, or made none.
 *
 * Up to GO nobody can have noticed that there is a child: nothing that it does comes through, and
 * its end would send no signal (its exit_signal is 0 so long, for which no ordinary wait4()
 * looks). What fails before that is undone, and the call made at home instead, where it succeeds
 * or fails as it should. The parent here goes on without an answer to BORN, which even waits for
 * company; so from READY on the child at home waits for it even if it is killed, and dies after GO.
 * Where somebody else could see what the parent does before (other threads, relatives), BORN
 * comes after READY, and is answered; and where somebody sees what the child does, that waits for
 * RUN from its own other half.
 *
 * The child here is a child of the nursery: all that a parent does with its children it does at
 * home.
 *
 * A child of vfork() runs in the memory of its parent here, which waits. At home it is a process
 * like others, with an address space of its own that nobody uses.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/freezer.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "compat.h"
#include "fault.h"
#include "proc.h"
#include "space.h"

void pm_birth_begin(struct pm_proc *child, struct pm_proc *parent, bool vfork)
{
	child->birth = PM_BIRTH_BEGUN;
	child->node = parent->node;
	child->trip = parent->trip;
	child->vfork = vfork;
	child->parent = pm_proc_get(parent);
	memcpy(child->comm, current->comm, sizeof(child->comm));
	spin_lock(&parent->lock);
	parent->vforks += vfork;
	spin_unlock(&parent->lock);
}

bool pm_birth_to(struct pm_proc *proc, enum pm_birth_step from, enum pm_birth_step to)
{
	bool mine;

	spin_lock(&proc->lock);
	mine = proc->birth == from;
	if (mine)
		WRITE_ONCE(proc->birth, to);
	spin_unlock(&proc->lock);
	pm_proc_wake(proc);
	return mine;
}

void pm_birth_fail(struct pm_proc *proc)
{
	spin_lock(&proc->lock);
	if (proc->birth)
		WRITE_ONCE(proc->birth, PM_BIRTH_FAILED);
	spin_unlock(&proc->lock);
	pm_proc_wake(proc);
}

int pm_birth_passed(struct pm_proc *child, enum pm_birth_step step)
{
	if (wait_event_state(child->team.wait, READ_ONCE(child->birth) != step,
			     (TASK_KILLABLE | TASK_FREEZABLE)))
		return -EINTR;
	return READ_ONCE(child->birth) == PM_BIRTH_FAILED ? -EAGAIN : 0;
}

/* The child's state for its memory, which is a copy of the parent's. */
static int pm_fork_memory_try(struct pm_mm *from, struct pm_proc *child)
{
	bool home = child->role == PM_DEPUTY;
	struct task_struct *task = get_pid_task(child->tgid, PIDTYPE_TGID);
	struct mm_struct *user_mm = task ? get_task_mm(task) : NULL;
	struct pm_mm *mm;

	if (task)
		put_task_struct(task);
	if (!user_mm)
		return -ESRCH;
	mm = pm_fault(home ? PM_FAULT_FORK_CHILD : PM_FAULT_FORK_MM) ? ERR_PTR(-ENOMEM) :
	     pm_mm_fork(from, user_mm, child->id, home ? child->node : 0, !home || !child->vfork,
			child->family);
	mmput(user_mm);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	spin_lock(&child->lock);
	child->mm = mm;
	spin_unlock(&child->lock);
	return 0;
}

/* How often a signal or a kick may come in between. */
#define PM_FORK_TRIES	100

int pm_fork_memory(struct pm_thread *thread, struct pm_proc *child)
{
	int err, tries = PM_FORK_TRIES;
	bool works = false;

	do {
		works |= test_and_clear_thread_flag(TIF_NOTIFY_SIGNAL);
		clear_thread_flag(TIF_SIGPENDING);
		err = pm_fork_memory_try(thread->proc->mm, child);
	} while (err == -EINTR && !__fatal_signal_pending(current) && --tries);
	spin_lock_irq(&pm_sighand()->siglock);
	recalc_sigpending();
	spin_unlock_irq(&pm_sighand()->siglock);
	if (freezing(current))
		set_thread_flag(TIF_SIGPENDING);
	if (works)
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	return err;
}

void pm_birth_orphan(struct pm_proc *child)
{
	struct task_struct *task = child->tgid ? get_pid_task(child->tgid, PIDTYPE_TGID) : NULL;

	if (task) {
		cmpxchg(&task->exit_signal, 0, SIGCHLD);
		put_task_struct(task);
	}
	pm_birth_fail(child);
}

void pm_parent_drop(struct pm_proc *proc)
{
	struct pm_proc *parent;
	bool vfork;

	/* it may have gone home with a copy; before the parent goes on */
	if (READ_ONCE(proc->vfork) && proc->role == PM_SURROGATE && proc->mm)
		pm_mm_source_abort(proc->mm);
	spin_lock(&proc->lock);
	parent = proc->parent;
	vfork = proc->vfork;
	proc->parent = NULL;
	WRITE_ONCE(proc->vfork, false);
	spin_unlock(&proc->lock);
	if (!parent)
		return;
	if (vfork) {
		spin_lock(&parent->lock);
		parent->vforks--;
		spin_unlock(&parent->lock);
	}
	pm_proc_put(parent);
}
