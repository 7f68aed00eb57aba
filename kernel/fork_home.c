// SPDX-License-Identifier: GPL-2.0
/* The home end of fork.c: a deputy clones itself, and the clone becomes another deputy. */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/freezer.h>
#include <linux/ktime.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>
#include "calls.h"
#include "compat.h"
#include "family.h"
#include "fault.h"
#include "link.h"
#include "space.h"

/* ---- the parent ---- */

bool pm_fork_breach(const struct pm_thread *thread, const struct pm_buf *buf)
{
	return thread->forked && buf->type != PM_MSG_BORN && buf->type != PM_MSG_MASK &&
	       buf->type != PM_MSG_SIGBACK && buf->type != PM_MSG_USAGE;
}

/* Parent and child share memory: they are of one family. */
static void pm_fork_family(struct pm_proc *parent, struct pm_proc *child)
{
	spin_lock(&parent->lock);
	if (!parent->family)
		parent->family = parent->id;
	child->family = parent->family;
	spin_unlock(&parent->lock);
}

/* The child of @parent that is about to be cloned, which is where that is, as home's @number. */
static struct pm_proc *pm_fork_proc(struct pm_proc *parent, const struct pm_clone *clone,
				    u64 number)
{
	u64 flags = le64_to_cpu(clone->flags);
	u32 bonds = le32_to_cpu(clone->bonds);
	struct pm_proc *child = pm_proc_new(PM_DEPUTY, number, parent->home);

	if (!child)
		return NULL;
	if (bonds & PM_BOND_FAMILY)
		pm_fork_family(parent, child);
	child->asks = bonds & PM_BOND_RUN;
	child->closes = pm_files_closes(parent->mm);
	child->state = PM_AWAY;
	child->unchosen = parent->unchosen;
	child->exit_signal = flags & CLONE_PARENT ? -1 : le32_to_cpu(clone->exit_signal);
	memcpy(child->cpu_seen, parent->cpu_seen, sizeof(child->cpu_seen));
	spin_lock(&parent->lock);
	memcpy(child->limits, parent->limits, sizeof(child->limits));
	spin_unlock(&parent->lock);
	pm_birth_begin(child, parent, flags & CLONE_VFORK);
	return child;
}

/* Ids that the kernel gives once only, to the first processes of a machine (kernel/pid.c). */
#define PM_PIDS_KEPT	300
/* So far ahead of the kernel's ids are those that are proposed; a little less or more when used. */
#define PM_UNBORN_FROM	4096
#define PM_UNBORN_TO	28672
#define PM_UNBORN_SLACK	2048

/*
 * Is @tid so far from the ids that the kernel gives, one after the other, that it neither gives it
 * soon nor has done so lately?
 */
static bool pm_unborn_far(unsigned int tid, unsigned int slack)
{
	unsigned int many = pm_pid_max() - PM_PIDS_KEPT;
	unsigned int ahead = (tid + many - idr_get_cursor(&init_pid_ns.idr) % many) % many;

	return ahead >= PM_UNBORN_FROM - slack && ahead <= PM_UNBORN_TO + slack;
}

/*
 * May current choose the id of a child? As it takes a right in the user namespace that owns that of
 * the ids, and other namespaces have ids of their own, which are few: where the machine's count.
 */
static bool pm_unborn_may(const struct pm_proc *proc)
{
	return !proc->unchosen && pm_pid_max() > PM_UNBORN_TO + PM_UNBORN_FROM / 2 + PM_PIDS_KEPT &&
	       current_user_ns() == &init_user_ns &&
	       task_active_pid_ns(current) == &init_pid_ns &&
	       current->nsproxy->pid_ns_for_children == &init_pid_ns;
}

static bool pm_unborn_free(pid_t tid)
{
	bool taken;

	rcu_read_lock();
	taken = find_pid_ns(tid, &init_pid_ns);
	rcu_read_unlock();
	return !taken;
}

/* An id for a process that is to be forked, which nobody has, or 0. They come in turn, too. */
static pid_t pm_unborn_tid(const struct pm_proc *proc)
{
	static DEFINE_SPINLOCK(lock);
	static unsigned int last = PM_PIDS_KEPT;
	unsigned int tid;

	if (!pm_unborn_may(proc))
		return 0;
	spin_lock(&lock);
	tid = last + 1;
	if (!pm_unborn_far(tid, 0))
		tid = idr_get_cursor(&init_pid_ns.idr) + PM_UNBORN_FROM;
	if (tid >= pm_pid_max())
		tid = tid % pm_pid_max() + PM_PIDS_KEPT;
	last = tid;
	spin_unlock(&lock);
	return pm_unborn_free(tid) ? tid : 0;
}

/* Clone current, with the right to choose the id, which the clone gives up (pm_deputy_forked()). */
static long pm_fork_clone_as(struct pm_thread *fresh, pid_t tid, struct kernel_clone_args *args)
{
	struct cred *cred = prepare_creds();
	long ret;

	if (!cred)
		return -ENOMEM;
	fresh->raised = !cap_raised(cred->cap_effective, CAP_CHECKPOINT_RESTORE);
	cap_raise(cred->cap_effective, CAP_CHECKPOINT_RESTORE);
	ret = pm_clone_as(cred, tid, args);
	put_cred(cred);
	return ret;
}

/*
 * Clone current; the child has the id @tid, if that is not 0 and can be had, and otherwise another
 * id and number. Return: its id, with thread->pidfd set if one is wanted; or errno.
 */
static long pm_fork_clone(struct pm_thread *thread, u64 flags, pid_t tid)
{
	struct kernel_clone_args args = { .flags = flags & PM_FORK_HOME };
	struct pm_scratch *scratch = &thread->scratch;
	struct pm_thread *fresh = thread->newborn;
	bool refused;
	long ret = -EEXIST;

	thread->pidfd = -1;
	if (flags & CLONE_PIDFD) {
		if (pm_scratch_reserve(scratch, sizeof(int)))
			return -ENOMEM;
		args.pidfd = (int __user *)scratch->base;
	}
	if (tid && pm_unborn_far(tid, PM_UNBORN_SLACK) && pm_unborn_free(tid) &&
	    !pm_fault(PM_FAULT_FORK_TAKEN))
		ret = pm_fork_clone_as(fresh, tid, &args);
	refused = ret == -EPERM;
	if (ret == -EEXIST || ret == -EINVAL || refused) {
		fresh->raised = false;
		fresh->proc->id = get_random_u64();
		/* a security module keeps it from that, and will do so again; and the child */
		fresh->proc->unchosen |= refused;
		ret = pm_clone(0, &args);
		thread->proc->unchosen |= refused && ret > 0;
	}
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
 * The child has been cloned: give it what it needs, and say so. Where a channel is at hand, it is
 * begun behind the answer: the other half has much to do before it looks for it.
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
	int err = pm_fork_memory(thread, child);
	struct pm_chan *chan, *spare;

	if (fatal_signal_pending(current))
		return -EPIPE;
	if (!err && !pm_birth_to(child, PM_BIRTH_BEGUN, PM_BIRTH_READY))
		err = -EAGAIN;
	spare = err ? NULL : pm_chan_reserve(child->node);
	chan = err ? ERR_PTR(err) : spare ?: pm_chan_open(child->node, PM_CHAN_THREAD, &open);
	if (IS_ERR(chan)) {
		pm_fork_refused(thread, child);
		return pm_deputy_reply(thread, seq, 0, PM_REPLY_RECALL, NULL, 0);
	}
	thread->unborn_tid = pm_unborn_tid(thread->proc);
	thread->unborn = get_random_u64();
	cloned.next = cpu_to_le64(thread->unborn);
	cloned.next_tid = cpu_to_le32(thread->unborn_tid);
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

/* How many relatives may fork at the same time. */
#define PM_KIN_SLACK	16

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
	u32 tid = le32_to_cpu(clone->tid), proposed = thread->unborn_tid;
	u64 flags = le64_to_cpu(clone->flags);
	struct pm_thread *fresh;
	struct pm_proc *child;
	long ret;

	thread->unborn_tid = 0;
	if (thread->forked || (tid && tid != proposed) ||
	    flags & ~(u64)(PM_FORK_HOME | CLONE_VFORK) ||
	    le32_to_cpu(clone->bonds) & ~(PM_BOND_FAMILY | PM_BOND_RUN) ||
	    (le32_to_cpu(clone->bonds) & PM_BOND_FAMILY && flags & CLONE_VFORK) ||
	    le32_to_cpu(clone->exit_signal) & ~CSIGNAL)
		return -EPROTO;
	pm_deputy_heard(thread, le64_to_cpu(clone->mask));
	if (pm_deputy_leaving(thread) || READ_ONCE(thread->proc->summoned))
		return pm_deputy_reply(thread, buf->seq, 0, PM_REPLY_AGAIN, NULL, 0);
	/* a larger family could not come home */
	if (le32_to_cpu(clone->bonds) & PM_BOND_FAMILY &&
	    pm_proc_relatives(thread->proc, NULL, 0) >= PM_KIN_MAX - PM_KIN_SLACK)
		return pm_deputy_reply(thread, buf->seq, 0, PM_REPLY_RECALL, NULL, 0);
	child = pm_fork_proc(thread->proc, clone, thread->unborn);
	fresh = child ? pm_thread_new(child, NULL, 0) : NULL;
	thread->newborn = fresh;
	ret = fresh ? pm_fork_clone(thread, flags, tid) : -ENOMEM;
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

/* ---- the child ---- */

/* How long one that is to die waits for its parent to say something, in seconds. */
#define PM_FORK_PATIENCE	30

/* While the other half comes into being: what is of no use here goes. */
static void pm_forked_trim(struct pm_proc *proc)
{
	if (!proc->family && pm_mm_forked_trim())
		send_sig(SIGKILL, current, 1);
	pm_zap_try(proc->mm);
	/* a file that was unmapped between the copy and its being known */
	if (proc->closes & 1 || pm_files_closes(proc->mm) != proc->closes)
		pm_zap_closed(proc->mm);
	if (pm_fault(PM_FAULT_FORK_KILLED))
		send_sig(SIGKILL, current, 1);
}

/*
 * Wait for what the parent says, which says something, or dies. Who is killed has been born for
 * all that anybody knows; after a while it does not matter what the parent thinks. False: it is not
 * to be.
 */
static bool pm_forked_wait(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	int killed = 0;

	wait_event_state(proc->team.wait, READ_ONCE(proc->birth) != PM_BIRTH_BEGUN,
			 (TASK_IDLE | TASK_FREEZABLE));
	if (READ_ONCE(proc->birth) != PM_BIRTH_FAILED)
		pm_forked_trim(proc);
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

/* Give up the right to choose the id. */
static void pm_forked_lower(void)
{
	struct cred *cred = prepare_creds();

	if (!cred) {
		send_sig(SIGKILL, current, 1);
		return;
	}
	cap_lower(cred->cap_effective, CAP_CHECKPOINT_RESTORE);
	commit_creds(cred);
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

	set_bit(PM_T_LOOP, &thread->flags);
	pm_state_park();
	if (thread->raised)
		pm_forked_lower();
	current_pt_regs()->orig_ax = -1;
	thread->since = ktime_get_ns() - 60ULL * NSEC_PER_SEC;
	if (!proc->vfork)
		pm_parent_drop(proc);
	if (!pm_forked_wait(thread)) {
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
