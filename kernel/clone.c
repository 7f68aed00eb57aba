// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is away creates a thread.
 *
 * First the deputy clones itself: the new task at home has the id, and becomes the deputy of
 * the new thread before it has ever been in user mode. It opens a channel. Then the surrogate
 * clones itself, with that id, for that channel. A clone that makes a process is for fork.c, any
 * other one is recalled.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>
#include "calls.h"
#include "compat.h"
#include "link.h"

/* What is the same of every thread, and what else may be asked for. */
#define PM_CLONE_MUST	(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define PM_CLONE_SHARES	(PM_CLONE_MUST | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_IO)
#define PM_CLONE_HERE	(CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | \
			 CLONE_CHILD_CLEARTID)

/* Of a process: what home has to say something about, and what else may be asked for. */
#define PM_FORK_HERE	(PM_CLONE_HERE | CLONE_VM | CLONE_VFORK)
#define PM_FORK_ALL	(PM_FORK_HOME | PM_FORK_HERE)

/* ---- home ---- */

/**
 * pm_deputy_clone() - the surrogate wants another thread
 * @thread: current's
 * @buf: struct pm_clone
 *
 * Return: 0, -EPROTO, -EPIPE.
 */
int pm_deputy_clone(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_clone *clone = (const void *)buf->data;
	u64 flags;
	long ret;

	if (buf->len != sizeof(*clone))
		return -EPROTO;
	flags = le64_to_cpu(clone->flags);
	if (!(flags & CLONE_THREAD))
		return pm_deputy_fork(thread, buf);
	if ((flags & PM_CLONE_MUST) != PM_CLONE_MUST || flags & ~(u64)PM_CLONE_SHARES)
		return -EPROTO;
	/* the new thread inherits it */
	pm_deputy_heard(thread, le64_to_cpu(clone->mask));
	if (pm_deputy_leaving(thread))
		return pm_deputy_reply(thread, buf->seq, 0, PM_REPLY_AGAIN, NULL, 0);
	thread->newborn = pm_thread_new(thread->proc, NULL, 0);
	ret = thread->newborn ? pm_clone(flags, NULL) : -ENOMEM;
	if (thread->newborn)
		pm_thread_detach(thread->newborn);
	thread->newborn = NULL;
	return pm_deputy_reply(thread, buf->seq, ret, 0, NULL, 0);
}

/**
 * pm_deputy_born() - a thread that a deputy has cloned
 * @thread: current's
 *
 * Context: task work, its own task, before it has ever been in user mode. Returns when the process
 * is home, where the registers are those of the surrogate.
 */
void pm_deputy_born(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	struct pm_chan *chan;

	if (proc->birth) {
		pm_deputy_forked(thread);
		return;
	}
	set_bit(PM_T_LOOP, &thread->flags);
	pm_state_park();
	current_pt_regs()->orig_ax = -1;
	thread->since = ktime_get_ns() - 60ULL * NSEC_PER_SEC;
	/* it does not move before this thread is there to be called */
	chan = pm_open_thread(proc, READ_ONCE(proc->node), proc->trip, thread->tid);
	if (IS_ERR(chan)) {
		if (!fatal_signal_pending(current))
			pm_deputy_lost(thread, "a new thread cannot reach its other half");
		return;
	}
	thread->chan = chan;
	pm_deputy_loop(thread);
}

/* ---- remote ---- */

/* What is asked for by clone(), or by what the C library makes of it. */
static void pm_clone_legacy(struct clone_args *user, u64 flags, u64 stack, u64 parent_tid,
			    u64 child_tid, u64 tls)
{
	user->flags = lower_32_bits(flags) & ~(u64)(CSIGNAL | CLONE_DETACHED);
	user->exit_signal = user->flags & CLONE_THREAD ? 0 : flags & CSIGNAL;
	user->stack = stack;
	user->pidfd = parent_tid;
	user->parent_tid = parent_tid;
	user->child_tid = child_tid;
	user->tls = tls;
}

/* The arguments of the call in @regs. False: not to be understood. */
static bool pm_clone_read(const struct pt_regs *regs, struct clone_args *user)
{
	switch (regs->orig_ax) {
	case __NR_fork:
		user->exit_signal = SIGCHLD;
		return true;
	case __NR_vfork:
		user->flags = CLONE_VFORK | CLONE_VM;
		user->exit_signal = SIGCHLD;
		return true;
	case __NR_clone:
		pm_clone_legacy(user, regs->di, regs->si, regs->dx, regs->r10, regs->r8);
		return true;
	}
	if (regs->si < CLONE_ARGS_SIZE_VER0 || regs->si > sizeof(*user) ||
	    copy_from_user(user, (void __user *)regs->di, regs->si))
		return false;
	/* what no process may have */
	return !user->stack == !user->stack_size && valid_signal(user->exit_signal) &&
	       !(user->flags & (CLONE_DETACHED | CSIGNAL)) &&
	       !(user->flags & (CLONE_THREAD | CLONE_PARENT) && user->exit_signal);
}

/* Are they those of a thread or a process that this can make? */
static bool pm_clone_good(const struct clone_args *user)
{
	bool thread = (user->flags & PM_CLONE_MUST) == PM_CLONE_MUST;
	u64 may = thread ? PM_CLONE_SHARES | PM_CLONE_HERE : PM_FORK_ALL;

	/* memory may be shared only with a parent that waits */
	if (!thread && user->flags & CLONE_VM && !(user->flags & CLONE_VFORK))
		return false;
	/* the kernel refuses a pidfd that overwrites the id */
	if (user->flags & CLONE_PIDFD && user->flags & CLONE_PARENT_SETTID &&
	    user->pidfd == user->parent_tid)
		return false;
	return !(user->flags & ~may) && !user->set_tid && !user->set_tid_size && !user->cgroup &&
	       access_ok((void __user *)(unsigned long)user->stack, user->stack_size) &&
	       user->tls < TASK_SIZE_MAX;
}

static bool pm_clone_args(const struct pt_regs *regs, struct kernel_clone_args *args)
{
	struct clone_args user = {};

	if (!pm_clone_read(regs, &user) || !pm_clone_good(&user))
		return false;
	*args = (struct kernel_clone_args){
		.flags = user.flags,
		.exit_signal = user.exit_signal,
		.stack = user.stack + user.stack_size,
		.pidfd = (int __user *)(unsigned long)user.pidfd,
		.parent_tid = (int __user *)(unsigned long)user.parent_tid,
		.child_tid = (int __user *)(unsigned long)user.child_tid,
		.tls = user.tls,
	};
	return true;
}

/* The thread exists at home: here too. Return: its id; an error has been told to home. */
static long pm_clone_here(struct pm_thread *thread, pid_t tid, struct kernel_clone_args *args)
{
	struct pm_exit end = {};
	struct pm_chan *chan = pm_join_wait(thread, tid, 0, MAX_SCHEDULE_TIMEOUT);
	long ret;

	if (IS_ERR(chan))
		pm_surrogate_lost(thread, PTR_ERR(chan));
	pm_chan_get(chan);
	ret = pm_birth_clone(thread, thread->proc, tid, chan, args, PM_BIRTH_PATIENCE);
	if (ret < 0)
		pm_chan_send(chan, PM_MSG_EXIT, 0, &end, sizeof(end), NULL, 0);
	pm_chan_put(chan);
	return ret;
}

/**
 * pm_both_clone() - clone(), clone3(), fork() or vfork() of a surrogate
 * @thread: current's
 * @regs: its registers
 *
 * Return: the value for ax.
 */
long pm_both_clone(struct pm_thread *thread, const struct pt_regs *regs)
{
	struct kernel_clone_args args;
	const struct pm_reply *reply;
	struct pm_clone clone;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	u32 flags;
	long ret;

	if (!pm_clone_args(regs, &args))
		return pm_recall(thread);
	if (!(args.flags & CLONE_THREAD))
		return pm_both_fork(thread, regs, &args);
	clone = (struct pm_clone){
		.flags = cpu_to_le64(args.flags & PM_CLONE_SHARES),
		.mask = cpu_to_le64(current->blocked.sig[0]),
	};
	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_CLONE, &clone, sizeof(clone), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	flags = le32_to_cpu(reply->flags);
	ret = le64_to_cpu(reply->ret);
	pm_reply_free(thread, buf);
	if (flags & PM_REPLY_AGAIN)
		ret = -ERESTARTNOINTR;
	else if (ret > 0)
		ret = pm_clone_here(thread, ret, &args);
	return pm_restart(ret);
}
