// SPDX-License-Identifier: GPL-2.0
/* The remote end of fork.c: a surrogate clones itself, and the clone becomes another surrogate. */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include "calls.h"
#include "compat.h"
#include "event.h"
#include "fault.h"
#include "link.h"

/* ---- remote: the parent ---- */

/* Is there somebody else in this memory, or has there been? */
static bool pm_fork_crowded(const struct pm_thread *thread)
{
	return thread->proc->crowded || !thread_group_empty(current);
}

/* Clone current for the child's channel, and wait until it is ready. 0 or errno. */
static int pm_fork_remote(struct pm_thread *thread, pid_t pid,
			  const struct kernel_clone_args *asked, u32 bonds, bool crowded)
{
	/* what is left is home's; the kernel's own vfork would wait before home knows */
	struct kernel_clone_args args = {
		.flags = (asked->flags & ~(u64)(PM_FORK_HOME | CLONE_VFORK)) | CLONE_PARENT |
			 (asked->flags & CLONE_CLEAR_SIGHAND),
		.stack = asked->stack,
		.parent_tid = asked->parent_tid,
		.child_tid = asked->child_tid,
		.tls = asked->tls,
	};
	struct pm_chan *chan = pm_join_wait(thread, pid, PM_JOIN_TIMEOUT);
	struct pm_proc *child;
	int ret;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	/* somebody would see the id too early */
	if (bonds || crowded)
		args.flags &= ~(u64)CLONE_PARENT_SETTID;
	child = pm_proc_new(PM_SURROGATE, le64_to_cpu(chan->open.proc), thread->proc->home);
	if (!child || pm_fault(PM_FAULT_FORK_CLONE)) {
		if (child)
			pm_proc_put(child);
		pm_chan_put(chan);
		return -ENOMEM;
	}
	child->state = PM_LEAVING;
	child->family = bonds & PM_BOND_FAMILY;
	child->asks = bonds & PM_BOND_RUN;
	child->crowded = crowded;
	pm_birth_begin(child, thread->proc, asked->flags & CLONE_VFORK);
	if (asked->flags & CLONE_VM)
		child->mm = pm_mm_get(thread->proc->mm);
	thread->forked = child;
	ret = pm_birth_clone(thread, child, chan, &args);
	if (ret > 0)
		ret = pm_birth_passed(child, PM_BIRTH_BEGUN);
	return ret;
}

/* As the kernel's own: until the child has another memory, or none; or this task is to die. */
static void pm_fork_vwait(struct pm_thread *thread, struct pm_proc *child)
{
	long left = 0;

	set_bit(PM_T_CALLING, &thread->flags);
	while (left >= 0 && READ_ONCE(child->vfork) && !pm_chan_dead(thread->chan))
		left = wait_event_killable_timeout(child->team.wait, !READ_ONCE(child->vfork), HZ);
	clear_bit(PM_T_CALLING, &thread->flags);
	pm_thread_kick(thread);
}

/* Ask home for a child. Return: its id, or what else goes into ax. */
static long pm_fork_ask(struct pm_thread *thread, const struct kernel_clone_args *args,
			u32 bonds, u32 *flags, int *pidfd)
{
	struct pm_clone clone = {
		.flags = cpu_to_le64(args->flags & (PM_FORK_HOME | CLONE_VFORK)),
		.mask = cpu_to_le64(current->blocked.sig[0]),
		.exit_signal = cpu_to_le32(args->exit_signal),
		.bonds = cpu_to_le32(bonds),
	};
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	long ret;

	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_CLONE, &clone, sizeof(clone), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	*flags = le32_to_cpu(reply->flags);
	ret = le64_to_cpu(reply->ret);
	*pidfd = len == sizeof(__le32) ? le32_to_cpup(data) : -1;
	pm_reply_free(thread, buf);
	return *flags & PM_REPLY_AGAIN ? -ERESTARTNOINTR : ret;
}

/*
 * Tell home what has become of the child. Nobody waits for an answer if all is well, and none but
 * this task can see what comes next. Return: PM_REPLY_*
 */
static u32 pm_fork_tell(struct pm_thread *thread, int err, bool seen)
{
	__le32 failed = cpu_to_le32(-err);
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	u32 flags;

	if (pm_fault(PM_FAULT_FORK_LOST))
		pm_chan_kill(thread->chan);
	if (!err && !seen) {
		pm_surrogate_send(thread, PM_MSG_BORN, 0, &failed, sizeof(failed), NULL, 0);
		return 0;
	}
	buf = pm_request(thread, PM_MSG_BORN, &failed, sizeof(failed), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	flags = le32_to_cpu(reply->flags);
	pm_reply_free(thread, buf);
	return flags;
}

static u32 pm_fork_bonds(struct pm_thread *thread, const struct kernel_clone_args *args,
			 bool crowded)
{
	if (pm_mm_shares(thread->proc->mm))
		return PM_BOND_FAMILY | PM_BOND_RUN;
	return args->flags & CLONE_VM && crowded ? PM_BOND_RUN : 0;
}

/* The child exists: what the kernel tells of it, which it has not told yet. */
static void pm_fork_done(struct pm_thread *thread, struct pm_proc *child, pid_t pid, int pidfd,
			 const struct kernel_clone_args *args, bool seen)
{
	if (args->flags & CLONE_PIDFD)
		put_user(pidfd, args->pidfd);
	if (args->flags & CLONE_PARENT_SETTID && seen)
		put_user(pid, args->parent_tid);
	if (args->flags & CLONE_VFORK)
		pm_fork_vwait(thread, child);
}

long pm_both_fork(struct pm_thread *thread, const struct pt_regs *regs,
		  struct kernel_clone_args *args)
{
	bool copy = !(args->flags & CLONE_VM), crowded = pm_fork_crowded(thread);
	u32 bonds = pm_fork_bonds(thread, args, crowded), flags;
	struct pm_proc *child;
	int pidfd, err;
	long ret;

	/* the child of a vfork() goes home with a copy, which must not be one of shared memory */
	if (bonds & PM_BOND_FAMILY && (!copy || args->flags & CLONE_VFORK))
		return pm_recall(thread);
	/* nothing may be missing in what is copied */
	ret = pm_mm_before_call(thread->proc->mm, regs);
	if (ret)
		return pm_restart(ret);
	if (args->flags & CLONE_PIDFD && fault_in_writeable((char __user *)args->pidfd,
							    sizeof(*args->pidfd)))
		return -EFAULT;
	ret = pm_fork_ask(thread, args, bonds, &flags, &pidfd);
	if (flags & PM_REPLY_RECALL)
		return pm_recall(thread);
	if (ret <= 0)
		return pm_restart(ret);
	err = pm_fork_remote(thread, ret, args, bonds, crowded);
	flags = pm_fork_tell(thread, err, bonds || crowded);
	child = thread->forked;
	thread->forked = NULL;
	if (child && !(flags & PM_REPLY_RECALL))
		pm_fork_done(thread, child, ret, pidfd, args, bonds || crowded);
	/* one that has failed may still be in this memory */
	else if (child && child->tgid)
		pm_fork_vwait(thread, child);
	if (child)
		pm_proc_put(child);
	return flags & PM_REPLY_RECALL ? pm_recall(thread) : ret;
}

/* ---- remote: the child ---- */

/* A process channel to a surrogate that has been forked here, which has none yet. */
int pm_accept_forked(struct pm_chan *chan)
{
	struct pm_proc *proc;
	bool mine;
	int err = -EBUSY;

	if (chan->open.from != chan->open.proc)
		return -EPROTO;
	proc = pm_proc_find_trip(le64_to_cpu(chan->open.proc), le32_to_cpu(chan->open.home),
				 le64_to_cpu(chan->open.trip));
	if (!proc)
		return -ESRCH;
	spin_lock(&proc->lock);
	/* one that has just been told to run may not have got round to it */
	mine = !proc->chan && (proc->birth || proc->state == PM_AWAY);
	if (mine)
		WRITE_ONCE(proc->chan, pm_chan_get(chan));
	spin_unlock(&proc->lock);
	if (mine) {
		pm_chan_set_kick(chan, pm_proc_wake, proc);
		err = pm_chan_send(chan, PM_MSG_PREPARED, 0, NULL, 0, NULL, 0);
	}
	pm_proc_put(proc);
	return err;
}

/* What a surrogate needs besides its channel. */
static int pm_forked_arrive(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	struct pm_mm *mm;
	int err = pm_restore_identity(thread, &thread->identity);

	/* a vfork() that shares memory is one for home */
	if (!err && proc->mm && pm_mm_shares(proc->mm))
		return -EAGAIN;
	if (err || proc->mm)
		return err;
	if (pm_fault(PM_FAULT_FORK_MM))
		return -ENOMEM;
	mm = pm_mm_fork(proc->parent->mm, proc->id, 0, true, proc->family);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	/* another thread of the parent has mapped something since that looked: home must know */
	if (!proc->family && pm_mm_shares(mm)) {
		pm_mm_put(mm);
		return -EAGAIN;
	}
	spin_lock(&proc->lock);
	proc->mm = mm;
	spin_unlock(&proc->lock);
	return 0;
}

void pm_surrogate_forked(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	if (pm_forked_arrive(thread)) {
		pm_birth_fail(proc);
		pm_surrogate_die(thread, NULL);
	}
	if (!proc->vfork)
		pm_parent_drop(proc);
	pm_birth_to(proc, PM_BIRTH_BEGUN, PM_BIRTH_READY);
	/* home says something, or dies */
	if (proc->asks && pm_await_for(thread->chan, PM_MSG_RUN, MAX_SCHEDULE_TIMEOUT))
		pm_surrogate_die(thread, NULL);
	pm_count_guest(true);
	pm_guests_add(1);
	pm_usage_watch();
	spin_lock(&proc->lock);
	proc->guest = true;
	proc->state = PM_AWAY;
	WRITE_ONCE(proc->birth, PM_BORN);
	spin_unlock(&proc->lock);
	pm_surrogate_go(thread, true);
}
