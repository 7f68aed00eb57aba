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

/* The child's state for its memory, which is a copy of the parent's. */
static int pm_fork_memory(struct pm_thread *thread, struct pm_proc *child)
{
	struct task_struct *task = get_pid_task(child->tgid, PIDTYPE_TGID);
	struct mm_struct *user_mm = task ? get_task_mm(task) : NULL;
	struct pm_mm *mm;

	if (task)
		put_task_struct(task);
	if (!user_mm)
		return -ESRCH;
	mm = pm_fault(PM_FAULT_FORK_MM) ? ERR_PTR(-ENOMEM) :
	     pm_mm_fork(thread->proc->mm, user_mm, child->id, 0, true, child->family);
	mmput(user_mm);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	spin_lock(&child->lock);
	child->mm = mm;
	spin_unlock(&child->lock);
	return 0;
}

/* How often a kick may come in between. */
#define PM_FORK_TRIES	100

/* The same: what waits for current must not interrupt the kernel in it (mm_take_all_locks()). */
static int pm_fork_memory_safe(struct pm_thread *thread, struct pm_proc *child)
{
	sigset_t all, mask = current->blocked;
	int err, tries = PM_FORK_TRIES;

	sigfillset(&all);
	pm_set_blocked(&all);
	do {
		clear_thread_flag(TIF_NOTIFY_SIGNAL);
		err = pm_fork_memory(thread, child);
	} while (err == -EINTR && !fatal_signal_pending(current) && --tries);
	pm_set_blocked(&mask);
	/* there may be works to be done */
	set_thread_flag(TIF_NOTIFY_SIGNAL);
	return err;
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
 * What the clone, which waits, needs besides: it runs after that. 0, or errno and it dies.
 * @seen: by others than this task.
 */
static int pm_fork_equip(struct pm_thread *thread, struct pm_proc *child, pid_t pid, bool seen)
{
	int err = child->mm ? 0 : pm_fork_memory_safe(thread, child);
	struct pm_chan *chan;

	/*
	 * A vfork() that shares memory is one for home. So is a fork if another thread has mapped
	 * something since that was looked for: home must know.
	 */
	if (!err && !child->family && pm_mm_shares(child->mm))
		err = -EAGAIN;
	if (err)
		return err;
	chan = pm_join_wait(thread, pid, child->id, PM_JOIN_TIMEOUT);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	child->first = chan;
	if (pm_chan_dead(chan))
		return -EPIPE;
	if (!seen)
		pm_fork_born(thread);
	if (pm_birth_to(child, PM_BIRTH_BEGUN, PM_BIRTH_READY))
		return 0;
	/* it has been killed meanwhile: it may still be taken back, or has been born */
	if (seen)
		return -EAGAIN;
	pm_chan_flush(thread->chan);
	return 0;
}

/* Clone current. 0: the child runs; or errno, and it is not to be. */
static int pm_fork_remote(struct pm_thread *thread, pid_t pid, u64 id,
			  const struct kernel_clone_args *asked, u32 bonds, bool crowded)
{
	bool seen = bonds || crowded;
	/* what is left is home's; the kernel's own vfork would wait before home knows */
	struct kernel_clone_args args = {
		.flags = (asked->flags & ~(u64)(PM_FORK_HOME | CLONE_VFORK)) | CLONE_PARENT |
			 (asked->flags & CLONE_CLEAR_SIGHAND),
		.stack = asked->stack,
		.parent_tid = asked->parent_tid,
		.child_tid = asked->child_tid,
		.tls = asked->tls,
	};
	struct pm_proc *child = pm_proc_new(PM_SURROGATE, id, thread->proc->home);
	int ret;

	/* somebody would see the id too early */
	if (seen)
		args.flags &= ~(u64)CLONE_PARENT_SETTID;
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
	if (!seen)
		child->herald = pm_chan_get(thread->chan);
	if (asked->flags & CLONE_VM)
		child->mm = pm_mm_get(thread->proc->mm);
	thread->forked = child;
	ret = pm_birth_clone(thread, child, pid, NULL, &args);
	if (ret > 0)
		ret = pm_fork_equip(thread, child, pid, seen);
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

/* Ask home for a child. Return: its id, with *@cloned; or what else goes into ax. */
static long pm_fork_ask(struct pm_thread *thread, const struct kernel_clone_args *args,
			u32 bonds, u32 *flags, struct pm_cloned *cloned)
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
	bool good;
	long ret;

	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_CLONE, &clone, sizeof(clone), NULL, 0);
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
	struct pm_cloned cloned;
	struct pm_proc *child;
	struct pm_chan *chan;
	long ret;
	int err;

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
	ret = pm_fork_ask(thread, args, bonds, &flags, &cloned);
	if (flags & PM_REPLY_RECALL)
		return pm_recall(thread);
	if (ret <= 0)
		return pm_restart(ret);
	err = pm_fork_remote(thread, ret, le64_to_cpu(cloned.proc), args, bonds, crowded);
	flags = err || seen ? pm_fork_tell(thread, err) : 0;
	chan = err ? pm_join_take(thread->proc, ret, le64_to_cpu(cloned.proc)) : NULL;
	if (chan)
		pm_chan_drop(chan);
	child = thread->forked;
	thread->forked = NULL;
	if (child && !(flags & PM_REPLY_RECALL))
		pm_fork_done(thread, child, ret, le32_to_cpu(cloned.pidfd), args, seen);
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
