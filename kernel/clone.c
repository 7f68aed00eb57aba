// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is away creates a thread.
 *
 * First the deputy clones itself: the new task at home has the id, and becomes the deputy of
 * the new thread before it has ever been in user mode. It opens a channel. Then the surrogate
 * clones itself, with that id, for that channel. Any other clone than that of a thread is
 * recalled.
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
#define PM_CLONE_VOID	(CLONE_DETACHED | CSIGNAL)

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
	u32 flags;
	long ret;

	if (buf->len != sizeof(*clone))
		return -EPROTO;
	flags = le32_to_cpu(clone->flags);
	if ((flags & PM_CLONE_MUST) != PM_CLONE_MUST || flags & ~PM_CLONE_SHARES)
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

/* The arguments of the call in @regs. False: it is not about a thread, or not to be understood. */
static bool pm_clone_args(const struct pt_regs *regs, struct kernel_clone_args *args)
{
	struct clone_args user = {};

	if (regs->orig_ax == __NR_clone3) {
		if (regs->si < CLONE_ARGS_SIZE_VER0 || regs->si > sizeof(user) ||
		    copy_from_user(&user, (void __user *)regs->di, regs->si))
			return false;
		if (user.exit_signal || user.set_tid || user.set_tid_size || user.cgroup ||
		    user.flags >> 32 || !user.stack != !user.stack_size)
			return false;
	} else if (regs->orig_ax == __NR_clone) {
		user.flags = lower_32_bits(regs->di) & ~(u64)PM_CLONE_VOID;
		user.stack = regs->si;
		user.parent_tid = regs->dx;
		user.child_tid = regs->r10;
		user.tls = regs->r8;
	}
	*args = (struct kernel_clone_args){
		.flags = user.flags,
		.stack = user.stack + user.stack_size,
		.parent_tid = (int __user *)(unsigned long)user.parent_tid,
		.child_tid = (int __user *)(unsigned long)user.child_tid,
		.tls = user.tls,
	};
	return (user.flags & PM_CLONE_MUST) == PM_CLONE_MUST &&
	       !(user.flags & ~(u64)(PM_CLONE_SHARES | PM_CLONE_HERE)) &&
	       access_ok((void __user *)(unsigned long)user.stack, user.stack_size) &&
	       user.tls < TASK_SIZE_MAX;
}

/* The thread exists at home: here too. Return: its id; an error has been told to home. */
static long pm_clone_here(struct pm_thread *thread, pid_t tid, struct kernel_clone_args *args)
{
	struct pm_exit end = {};
	struct pm_chan *chan = pm_join_wait(thread, tid);
	long ret;

	if (IS_ERR(chan))
		pm_surrogate_lost(thread, PTR_ERR(chan));
	pm_chan_get(chan);
	ret = pm_birth_clone(thread, chan, args);
	if (ret < 0)
		pm_chan_send(chan, PM_MSG_EXIT, 0, &end, sizeof(end), NULL, 0);
	pm_chan_put(chan);
	return ret;
}

/**
 * pm_both_clone() - clone() or clone3() of a surrogate
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
	clone = (struct pm_clone){
		.flags = cpu_to_le32(args.flags & PM_CLONE_SHARES),
		.mask = cpu_to_le64(current->blocked.sig[0]),
	};
	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_CLONE, &clone, sizeof(clone), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	flags = le32_to_cpu(reply->flags);
	ret = le64_to_cpu(reply->ret);
	pm_buf_free(buf);
	if (flags & PM_REPLY_AGAIN)
		ret = -ERESTARTNOINTR;
	else if (ret > 0)
		ret = pm_clone_here(thread, ret, &args);
	return pm_restart(ret);
}
