// SPDX-License-Identifier: GPL-2.0
/* The remote end of fork.c: a surrogate clones itself, and the clone becomes another surrogate. */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
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

/* Home need not answer; but it is told before the child does anything. */
static void pm_fork_born(struct pm_thread *thread)
{
	__le32 failed = 0;
	struct kvec vec = { &failed, sizeof(failed) };

	if (pm_fault(PM_FAULT_FORK_LOST))
		pm_chan_kill(thread->chan);
	pm_chan_sendv_along(thread->chan, PM_MSG_BORN, thread->sig_seen, 0, &vec, 1);
}

/*
 * The clone, which waits, is to be the child: home knows. It runs after that. 0; or errno, and it
 * dies. @seen: by others than this task.
 */
static int pm_fork_equip(struct pm_thread *thread, struct pm_proc *child, pid_t pid,
			 const struct kernel_clone_args *asked, bool seen)
{
	struct pm_chan *chan;

	/*
	 * A vfork() that shares memory is one for home. So is a fork if another thread has mapped
	 * something since that was looked for: home must know.
	 */
	if (!child->family && pm_mm_shares(child->mm))
		return -EAGAIN;
	chan = pm_join_wait(thread, pid, child->id, PM_JOIN_TIMEOUT);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	child->first = chan;
	if (pm_chan_dead(chan))
		return -EPIPE;
	if (!seen) {
		pm_fork_born(thread);
		if (asked->flags & CLONE_PARENT_SETTID)
			put_user(pid, asked->parent_tid);
	}
	if (pm_birth_to(child, PM_BIRTH_BEGUN, PM_BIRTH_READY))
		return 0;
	/* it has been killed meanwhile: it may still be taken back, or has been born */
	if (seen)
		return -EAGAIN;
	pm_chan_flush(thread->chan);
	return 0;
}

/* Clone current: it waits, as thread->forked, and has its memory. 0; or errno, and it dies. */
static int pm_fork_remote(struct pm_thread *thread, pid_t pid, u64 id,
			  const struct kernel_clone_args *asked, u32 bonds, bool crowded,
			  unsigned long patience)
{
	/*
	 * What is left is home's; the kernel's own vfork would wait before home knows, and it would
	 * tell the id.
	 */
	struct kernel_clone_args args = {
		.flags = (asked->flags & ~(u64)(PM_FORK_HOME | CLONE_VFORK | CLONE_PARENT_SETTID)) |
			 CLONE_PARENT | (asked->flags & CLONE_CLEAR_SIGHAND),
		.stack = asked->stack,
		.child_tid = asked->child_tid,
		.tls = asked->tls,
	};
	struct pm_proc *child = pm_proc_new(PM_SURROGATE, id, thread->proc->home);
	int ret;

	if (!child || pm_fault(PM_FAULT_FORK_CLONE)) {
		if (child)
			pm_proc_put(child);
		return -ENOMEM;
	}
	child->state = PM_LEAVING;
	child->family = bonds & PM_BOND_FAMILY;
	child->asks = bonds & PM_BOND_RUN;
	child->crowded = crowded;
	pm_birth_begin(child, thread->proc, asked->flags & CLONE_VFORK);
	if (!bonds && !crowded)
		child->herald = pm_chan_get(thread->chan);
	if (asked->flags & CLONE_VM)
		child->mm = pm_mm_get(thread->proc->mm);
	thread->forked = child;
	ret = pm_birth_clone(thread, child, pid, NULL, &args, patience);
	if (ret > 0)
		ret = child->mm ? 0 : pm_fork_memory(thread, child);
	if (ret)
		pm_birth_fail(child);
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

/* The child that thread->forked is, or was to be, is nobody's. It may still be in this memory. */
static void pm_fork_drop(struct pm_thread *thread)
{
	struct pm_proc *child = thread->forked;

	if (!child)
		return;
	pm_birth_fail(child);
	if (child->tgid)
		pm_fork_vwait(thread, child);
	thread->forked = NULL;
	pm_proc_put(child);
}

/*
 * The id that the child can be made with before home has answered, or 0. If home then makes none,
 * one that shares memory must not have written its id there, or keep that memory in use.
 */
static pid_t pm_fork_early(struct pm_thread *thread, u64 flags, bool seen)
{
	pid_t tid = thread->unborn_tid;

	thread->unborn_tid = 0;
	if (seen || (flags & CLONE_VM && flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)))
		return 0;
	return tid < pm_pid_max() ? tid : 0;
}

/* Ask home for a child, with the id @tid, if that is not 0. Return: for pm_fork_answered(). */
static u32 pm_fork_ask(struct pm_thread *thread, const struct kernel_clone_args *args, u32 bonds,
		       pid_t tid)
{
	struct pm_clone clone = {
		.flags = cpu_to_le64(args->flags & (PM_FORK_HOME | CLONE_VFORK)),
		.mask = cpu_to_le64(current->blocked.sig[0]),
		.exit_signal = cpu_to_le32(args->exit_signal),
		.bonds = cpu_to_le32(bonds),
		.tid = cpu_to_le32(tid),
	};

	thread->home_mask = current->blocked.sig[0];
	return pm_request_begin(thread, PM_MSG_CLONE, &clone, sizeof(clone), NULL, 0);
}

/* Return: the id of the child at home, with *@cloned; or what else goes into ax. */
static long pm_fork_answered(struct pm_thread *thread, u32 seq, u32 *flags,
			     struct pm_cloned *cloned)
{
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	bool good;
	long ret;

	buf = pm_request_end(thread, seq);
	reply = pm_take_reply(thread, buf, &data, &len);
	*flags = le32_to_cpu(reply->flags);
	ret = le64_to_cpu(reply->ret);
	good = ret <= 0 || len == sizeof(*cloned);
	if (ret > 0 && good)
		memcpy(cloned, data, sizeof(*cloned));
	pm_reply_free(thread, buf);
	if (!good)
		pm_surrogate_lost(thread, -EPROTO);
	return *flags & PM_REPLY_AGAIN ? -ERESTARTNOINTR : ret;
}

/* Tell home what has become of the child, and wait until it knows. Return: PM_REPLY_* */
static u32 pm_fork_tell(struct pm_thread *thread, int err)
{
	__le32 failed = cpu_to_le32(-err);
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	u32 flags;

	if (pm_fault(PM_FAULT_FORK_LOST))
		pm_chan_kill(thread->chan);
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
	bool seen = bonds || crowded;
	struct pm_cloned cloned = {};
	struct pm_proc *child;
	struct pm_chan *chan;
	bool early;
	u32 seq;
	pid_t tid;
	long ret;
	int err = 0;

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
	tid = pm_fork_early(thread, args->flags, seen);
	seq = pm_fork_ask(thread, args, bonds, tid);
	if (tid)
		err = pm_fork_remote(thread, tid, thread->unborn, args, bonds, crowded, 0);
	ret = pm_fork_answered(thread, seq, &flags, &cloned);
	/* home has none, or one with another id after all; or somebody here still has that id */
	early = err != -EEXIST && ret > 0 && ret == tid &&
		le64_to_cpu(cloned.proc) == thread->unborn;
	if (!early)
		pm_fork_drop(thread);
	if (flags & PM_REPLY_RECALL)
		return pm_recall(thread);
	if (ret <= 0)
		return pm_restart(ret);
	if (!early)
		err = pm_fork_remote(thread, ret, le64_to_cpu(cloned.proc), args, bonds, crowded,
				     PM_BIRTH_PATIENCE);
	thread->unborn = le64_to_cpu(cloned.next);
	thread->unborn_tid = le32_to_cpu(cloned.next_tid);
	err = err ?: pm_fork_equip(thread, thread->forked, ret, args, seen);
	if (err && thread->forked)
		pm_birth_fail(thread->forked);
	flags = err || seen ? pm_fork_tell(thread, err) : 0;
	chan = err ? pm_join_take(thread->proc, ret, le64_to_cpu(cloned.proc)) : NULL;
	if (chan)
		pm_chan_drop(chan);
	if (flags & PM_REPLY_RECALL) {
		pm_fork_drop(thread);
		return pm_recall(thread);
	}
	child = thread->forked;
	thread->forked = NULL;
	if (child) {
		pm_fork_done(thread, child, ret, le32_to_cpu(cloned.pidfd), args, seen);
		pm_proc_put(child);
	}
	return ret;
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

/* Its parent may have said BORN, and nothing since. */
static void pm_forked_flush(struct pm_proc *proc)
{
	if (!proc->herald)
		return;
	pm_chan_flush(proc->herald);
	pm_chan_put(proc->herald);
	proc->herald = NULL;
}

void pm_surrogate_forked(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	/* its parent does the rest */
	int err = pm_birth_passed(proc, PM_BIRTH_BEGUN);

	/* if the parent is not told by this it says BORN after it, and flushes by itself */
	if (err)
		pm_birth_fail(proc);
	pm_forked_flush(proc);
	if (err)
		pm_surrogate_die(thread, NULL);
	thread->chan = proc->first;
	proc->first = NULL;
	if (!proc->vfork)
		pm_parent_drop(proc);
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
