// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is away creates a process.
 *
 *	parent here		parent at home		child at home		child here
 *	CLONE ----------------> clones itself --------> becomes a deputy
 *				waits			READY
 *	  <------------------------ its id
 *				opens its channel
 *	clones itself, with that id; waits for the channel --------------------> waits
 *	BORN -----------------> GO -------------------> serves it
 *	READY -----------------------------------------------------------------> runs
 *
 * It is the parents who make what the children need, as far as another task can: to have a new one
 * run, and to wait for it, takes longer than all of that.
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
#include <linux/fdtable.h>
#include <linux/freezer.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>
#include "calls.h"
#include "compat.h"
#include "event.h"
#include "fault.h"
#include "link.h"
#include "space.h"

/* ---- what both ends have ---- */

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

bool pm_fork_breach(const struct pm_thread *thread, const struct pm_buf *buf)
{
	return thread->forked && buf->type != PM_MSG_BORN && buf->type != PM_MSG_MASK &&
	       buf->type != PM_MSG_SIGBACK && buf->type != PM_MSG_USAGE;
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

/* ---- home: the parent ---- */

/* Parent and child share memory: they are of one family. */
static void pm_fork_family(struct pm_proc *parent, struct pm_proc *child)
{
	spin_lock(&parent->lock);
	if (!parent->family)
		parent->family = parent->id;
	child->family = parent->family;
	spin_unlock(&parent->lock);
}

/* The child of @parent that is about to be cloned, which is where that is. */
static struct pm_proc *pm_fork_proc(struct pm_proc *parent, const struct pm_clone *clone)
{
	u64 flags = le64_to_cpu(clone->flags);
	u32 bonds = le32_to_cpu(clone->bonds);
	struct pm_proc *child = pm_proc_new(PM_DEPUTY, get_random_u64(), parent->home);

	if (!child)
		return NULL;
	if (bonds & PM_BOND_FAMILY)
		pm_fork_family(parent, child);
	child->asks = bonds & PM_BOND_RUN;
	child->state = PM_AWAY;
	child->exit_signal = flags & CLONE_PARENT ? -1 : le32_to_cpu(clone->exit_signal);
	memcpy(child->cpu_seen, parent->cpu_seen, sizeof(child->cpu_seen));
	spin_lock(&parent->lock);
	memcpy(child->limits, parent->limits, sizeof(child->limits));
	spin_unlock(&parent->lock);
	pm_birth_begin(child, parent, flags & CLONE_VFORK);
	return child;
}

/* Clone current. Return: the child's id, with thread->pidfd set if one is wanted; or errno. */
static long pm_fork_clone(struct pm_thread *thread, u64 flags)
{
	struct kernel_clone_args args = { .flags = flags & PM_FORK_HOME };
	struct pm_scratch *scratch = &thread->scratch;
	long ret;

	thread->pidfd = -1;
	if (flags & CLONE_PIDFD) {
		if (pm_scratch_reserve(scratch, sizeof(int)))
			return -ENOMEM;
		args.pidfd = (int __user *)scratch->base;
	}
	ret = pm_clone(0, &args);
	if (ret > 0 && args.pidfd && get_user(thread->pidfd, args.pidfd))
		thread->pidfd = -1;
	return ret;
}

/* The child that has just been cloned is not to be: it dies, and is buried without a word. */
static void pm_fork_undo(struct pm_thread *thread, struct pm_proc *child)
{
	sigset_t all, mask = current->blocked;

	pm_birth_fail(child);
	/* the burial is not to be interrupted; one who is to die leaves it to others */
	sigfillset(&all);
	pm_set_blocked(&all);
	while (pm_syscall6(__NR_wait4, pid_vnr(child->tgid), 0, __WALL, 0, 0, 0) == -ERESTARTSYS &&
	       !fatal_signal_pending(current)) {
		/* a stop or a freeze keeps it from waiting; the child may need this processor */
		pm_deputy_works();
		try_to_freeze();
		schedule_timeout_uninterruptible(1);
	}
	if (fatal_signal_pending(current))
		pm_birth_orphan(child);
	pm_set_blocked(&mask);
	if (thread->pidfd >= 0)
		close_fd(thread->pidfd);
}

static void pm_fork_refused(struct pm_thread *thread, struct pm_proc *child)
{
	pm_fork_undo(thread, child);
	thread->forked = NULL;
	pm_proc_put(child);
}

/*
 * The child has been cloned: when it is ready, say so. Where a channel is at hand, it is begun
 * behind the answer: the other half has much to do before it looks for it.
 */
static int pm_fork_answer(struct pm_thread *thread, struct pm_thread *fresh, u32 seq, pid_t tid)
{
	struct pm_proc *child = thread->forked;
	struct pm_open open = {
		.proc = cpu_to_le64(child->id),
		.home = cpu_to_le32(child->home),
		.tid = cpu_to_le32(tid),
		.tgid = cpu_to_le32(tid),
		.trip = cpu_to_le64(child->trip),
		.from = cpu_to_le64(thread->proc->id),
	};
	struct pm_cloned cloned = {
		.proc = open.proc,
		.pidfd = cpu_to_le32(thread->pidfd),
	};
	int err = pm_birth_passed(child, PM_BIRTH_BEGUN);
	struct pm_chan *chan, *spare;

	if (err == -EINTR)
		return -EPIPE;
	spare = err ? NULL : pm_chan_reserve(child->node);
	chan = err ? ERR_PTR(err) : spare ?: pm_chan_open(child->node, PM_CHAN_THREAD, &open);
	if (IS_ERR(chan)) {
		pm_fork_refused(thread, child);
		return pm_deputy_reply(thread, seq, 0, PM_REPLY_RECALL, NULL, 0);
	}
	/* current may be killed in the answer */
	thread->next = chan;
	err = pm_deputy_reply(thread, seq, tid, 0, &cloned, sizeof(cloned));
	if (!err && spare && pm_chan_begin(spare, PM_CHAN_THREAD, &open)) {
		pm_chan_drop(spare);
		chan = pm_chan_open(child->node, PM_CHAN_THREAD, &open);
		/* if that fails too it is waited for in vain, and that is told */
		thread->next = IS_ERR(chan) ? NULL : chan;
	}
	/* the child does not go on, or die, before current hears what has become of it */
	WRITE_ONCE(fresh->chan, thread->next);
	thread->next = NULL;
	return err;
}

/**
 * pm_deputy_fork() - the surrogate wants a child
 * @thread: current's
 * @buf: struct pm_clone, its length checked
 *
 * Return: 0, -EPROTO, -EPIPE.
 */
int pm_deputy_fork(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_clone *clone = (const void *)buf->data;
	u64 flags = le64_to_cpu(clone->flags);
	struct pm_thread *fresh;
	struct pm_proc *child;
	long ret;

	if (thread->forked || flags & ~(u64)(PM_FORK_HOME | CLONE_VFORK) ||
	    le32_to_cpu(clone->bonds) & ~(PM_BOND_FAMILY | PM_BOND_RUN) ||
	    (le32_to_cpu(clone->bonds) & PM_BOND_FAMILY && flags & CLONE_VFORK) ||
	    le32_to_cpu(clone->exit_signal) & ~CSIGNAL)
		return -EPROTO;
	pm_deputy_heard(thread, le64_to_cpu(clone->mask));
	if (pm_deputy_leaving(thread) || READ_ONCE(thread->proc->summoned))
		return pm_deputy_reply(thread, buf->seq, 0, PM_REPLY_AGAIN, NULL, 0);
	child = pm_fork_proc(thread->proc, clone);
	fresh = child ? pm_thread_new(child, NULL, 0) : NULL;
	thread->newborn = fresh;
	ret = fresh ? pm_fork_clone(thread, flags) : -ENOMEM;
	if (thread->newborn)
		pm_thread_detach(thread->newborn);
	thread->newborn = NULL;
	if (ret < 0) {
		if (child)
			pm_proc_put(child);
		return pm_deputy_reply(thread, buf->seq, ret, 0, NULL, 0);
	}
	thread->forked = child;
	return pm_fork_answer(thread, fresh, buf->seq, ret);
}

/**
 * pm_deputy_fork_end() - the child exists where it is to run, or cannot
 * @thread: current's
 * @buf: __le32: 0, or errno, of which the answer makes a recall
 *
 * Return: 0, -EPROTO, -EPIPE.
 */
int pm_deputy_fork_end(struct pm_thread *thread, const struct pm_buf *buf)
{
	const __le32 *failed = (const void *)buf->data;
	struct pm_proc *child = thread->forked;
	int err;

	if (buf->len != sizeof(*failed) || !child || (*failed && !buf->seq))
		return -EPROTO;
	if (*failed) {
		pm_fork_refused(thread, child);
		return pm_deputy_reply(thread, buf->seq, 0, PM_REPLY_RECALL, NULL, 0);
	}
	thread->forked = NULL;
	pm_birth_to(child, PM_BIRTH_READY, PM_BIRTH_GO);
	/* the parent may look for it in a moment */
	err = pm_birth_passed(child, PM_BIRTH_GO) ? -EPIPE : 0;
	pm_proc_put(child);
	if (err || !buf->seq)
		return err;
	return pm_deputy_reply(thread, buf->seq, 0, 0, NULL, 0);
}

/* ---- home: the child ---- */

static int pm_forked_memory(struct pm_proc *proc)
{
	struct pm_proc *parent = proc->parent;
	struct pm_mm *from, *mm;

	if (pm_fault(PM_FAULT_FORK_CHILD))
		return -ENOMEM;
	spin_lock(&parent->lock);
	from = parent->mm ? pm_mm_get(parent->mm) : NULL;
	spin_unlock(&parent->lock);
	/* another of its threads has started a program meanwhile */
	if (!from)
		return -ESRCH;
	mm = pm_mm_fork(from, current->mm, proc->id, proc->node, !proc->vfork, proc->family);
	pm_mm_put(from);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	spin_lock(&proc->lock);
	proc->mm = mm;
	spin_unlock(&proc->lock);
	return 0;
}

/* How long one that is to die waits for its parent to say something, in seconds. */
#define PM_FORK_PATIENCE	30

/*
 * Wait for what the parent says, which says something, or dies. Who is killed has been born for
 * all that anybody knows; after a while it does not matter what the parent thinks. False: it is not
 * to be.
 */
static bool pm_forked_wait(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	int killed = 0;

	if (!pm_birth_to(proc, PM_BIRTH_BEGUN, PM_BIRTH_READY))
		return false;
	pm_zap_try(proc->mm);
	if (pm_fault(PM_FAULT_FORK_KILLED))
		send_sig(SIGKILL, current, 1);
	while (READ_ONCE(proc->birth) == PM_BIRTH_READY) {
		wait_event_idle_timeout(proc->team.wait,
					READ_ONCE(proc->birth) != PM_BIRTH_READY, HZ);
		try_to_freeze();
		if (fatal_signal_pending(current) && READ_ONCE(thread->chan) &&
		    ++killed > PM_FORK_PATIENCE)
			pm_birth_to(proc, PM_BIRTH_READY, PM_BIRTH_GO);
	}
	return READ_ONCE(proc->birth) == PM_BIRTH_GO && thread->chan;
}

/**
 * pm_deputy_forked() - a process that a deputy has cloned
 * @thread: current's
 *
 * Context, return: as pm_deputy_born().
 */
void pm_deputy_forked(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	int err;

	set_bit(PM_T_LOOP, &thread->flags);
	pm_state_park();
	current_pt_regs()->orig_ax = -1;
	thread->since = ktime_get_ns() - 60ULL * NSEC_PER_SEC;
	err = pm_forked_memory(proc);
	if (!proc->vfork)
		pm_parent_drop(proc);
	if (err || !pm_forked_wait(thread)) {
		pm_birth_fail(proc);
		pm_do_group_exit(SIGKILL);
		return;
	}
	/* from here on it has a parent; one that has died has left it to another, with SIGCHLD */
	if (proc->exit_signal > 0)
		cmpxchg(&current->exit_signal, 0, proc->exit_signal);
	pm_birth_to(proc, PM_BIRTH_GO, PM_BORN);
	if (proc->asks)
		pm_chan_send(thread->chan, PM_MSG_RUN, 0, NULL, 0, NULL, 0);
	pm_deputy_loop(thread);
}
