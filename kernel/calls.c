// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of a surrogate, seen before they run (hooks.c).
 *
 * The table says where each one runs. A call that runs at home costs one round trip: the task
 * sends it, waits for the answer and takes what comes before it. The answer's restart codes are
 * left in ax: with the signals that came along, this node's kernel restarts the call or returns
 * EINTR, as if the call had been its own.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include "calls.h"
#include "compat.h"
#include "link.h"

/* Make the kernel look at the restart code in ax although no signal may be pending. */
long pm_restart(long ret)
{
	if (pm_is_restart(ret))
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	return ret;
}

/**
 * pm_recall() - have the process brought home to run the present call there
 * @thread: current's
 * Return: the value for ax; the boundary waits for home, where the call is issued again.
 */
long pm_recall(struct pm_thread *thread)
{
	if (pm_surrogate_send(thread, PM_MSG_RECALL, 0, NULL, 0, NULL, 0))
		pm_surrogate_lost(thread, -EPIPE);
	set_bit(PM_T_WAIT, &thread->flags);
	pm_thread_kick(thread);
	return pm_restart(-ERESTARTNOINTR);
}

/**
 * pm_request_begin() - send a request to home
 * @thread: current's
 * @type: PM_MSG_CALL or another that is answered by REPLY
 * @a: first piece of the payload, @alen bytes
 * @alen: its length
 * @b: second piece, @blen bytes
 * @blen: its length
 *
 * Return: its number, for pm_request_end(), which is to be called. Does not return if home is gone
 * or the task is to die.
 */
u32 pm_request_begin(struct pm_thread *thread, u16 type, const void *a, size_t alen, const void *b,
		     size_t blen)
{
	u32 seq = ++thread->seq ?: ++thread->seq;
	int err;

	set_bit(PM_T_CALLING, &thread->flags);
	err = pm_give_back(thread, true);
	err = err ?: pm_surrogate_send(thread, type, seq, a, alen, b, blen);
	if (err)
		pm_surrogate_lost(thread, err);
	return seq;
}

/**
 * pm_request_end() - wait for the answer to a request
 * @thread: current's
 * @seq: of pm_request_begin()
 *
 * Messages that come before the answer are taken as at the boundary.
 * Return: the answer (pm_reply_free()), at least a struct pm_reply long. Does not return if
 * home is gone or the task is to die.
 */
struct pm_buf *pm_request_end(struct pm_thread *thread, u32 seq)
{
	struct pm_buf *buf;
	int err;

	do {
		buf = pm_chan_recv(thread->chan, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(buf)) {
			err = PTR_ERR(buf);
			break;
		}
		if (buf->type == PM_MSG_REPLY && buf->seq == seq &&
		    buf->len >= sizeof(struct pm_reply)) {
			err = 0;
			break;
		}
		err = pm_surrogate_message(thread, buf);
		pm_buf_free(buf);
	} while (!err);
	if (err)
		pm_surrogate_lost(thread, err);
	clear_bit(PM_T_CALLING, &thread->flags);
	/* orders that came meanwhile are for the boundary; so is what was not read */
	if (pm_must_wait(thread) || test_bit(PM_T_FREEZE, &thread->flags) ||
	    pm_chan_readable(thread->chan))
		pm_thread_kick(thread);
	/* who breaks the protocol with it ends this task, whose it is till then */
	thread->held = buf;
	return buf;
}

/** pm_request() - both; arguments, return: theirs */
struct pm_buf *pm_request(struct pm_thread *thread, u16 type, const void *a, size_t alen,
			  const void *b, size_t blen)
{
	return pm_request_end(thread, pm_request_begin(thread, type, a, alen, b, blen));
}

/** pm_reply_free() - done with an answer; @thread: current's; @buf: of pm_request() */
void pm_reply_free(struct pm_thread *thread, struct pm_buf *buf)
{
	thread->held = NULL;
	pm_buf_free(buf);
}

/**
 * pm_take_reply() - take the signals of an answer
 * @thread: current's
 * @buf: the answer, of pm_request()
 * @data: where the out-data begins
 * @len: its length
 * Return: the header of the answer.
 */
const struct pm_reply *pm_take_reply(struct pm_thread *thread, const struct pm_buf *buf,
				     const void **data, size_t *len)
{
	const struct pm_reply *reply = (const void *)buf->data;
	const struct pm_wire_siginfo *wire = (const void *)(reply + 1);
	u32 nsig = le32_to_cpu(reply->nsig);
	sigset_t mask = { .sig = { le64_to_cpu(reply->mask) } };

	if (nsig > 1 || buf->len < sizeof(*reply) + nsig * sizeof(*wire))
		pm_surrogate_lost(thread, -EPROTO);
	if (nsig) {
		if (le32_to_cpu(reply->flags) & PM_REPLY_SIGMASK) {
			/* taken under a temporary mask: the frame saves the real one */
			current->saved_sigmask = current->blocked;
			set_restore_sigmask();
			pm_set_blocked(&mask);
		}
		thread->sig_seen++;
		thread->sig_shared = wire->shared ? le32_to_cpu(wire->signo) : 0;
		if (pm_signal_inject(wire) == -EPROTO)
			pm_surrogate_lost(thread, -EPROTO);
	}
	*data = wire + nsig;
	*len = buf->len - sizeof(*reply) - nsig * sizeof(*wire);
	return reply;
}

/* Send a call and take the signals of the answer, which is to be freed. */
static struct pm_buf *pm_send_call(struct pm_thread *thread, const struct pm_call *call, u32 flags,
				   const struct pm_reply **reply, const void **data, size_t *len)
{
	struct pm_call_hdr hdr = {
		.nr = cpu_to_le32(call->nr),
		.flags = cpu_to_le32(flags),
		.mask = cpu_to_le64(current->blocked.sig[0]),
	};
	struct pm_buf *buf;

	/* from this home sees that it is awake */
	clear_bit(PM_T_ASLEEP, &thread->flags);
	pm_usage_read(&hdr.usage);
	pm_regs_to_wire(&hdr.regs, current_pt_regs());
	hdr.regs.di = cpu_to_le64(call->args[0]);
	hdr.regs.si = cpu_to_le64(call->args[1]);
	hdr.regs.dx = cpu_to_le64(call->args[2]);
	hdr.regs.r10 = cpu_to_le64(call->args[3]);
	hdr.regs.r8 = cpu_to_le64(call->args[4]);
	hdr.regs.r9 = cpu_to_le64(call->args[5]);
	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_CALL, &hdr, sizeof(hdr), call->buf, call->len);
	*reply = pm_take_reply(thread, buf, data, len);
	return buf;
}

/* One round trip for one piece of a call. Return: as the kernel would. */
static long pm_carry(void *arg, struct pm_call *call, u32 *flags)
{
	struct pm_thread *thread = arg;
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	u32 how = 0;
	size_t len;
	long ret;

	if (call->restart)
		how |= PM_CALL_RESTART;
	if (call->more)
		how |= PM_CALL_MORE;
	if (call->plan.left && !call->done)
		how |= PM_CALL_SPLIT;
	thread->call = call;
	buf = pm_send_call(thread, call, how, &reply, &data, &len);
	*flags = le32_to_cpu(reply->flags);
	ret = le64_to_cpu(reply->ret);
	if (*flags & PM_REPLY_AGAIN)
		ret = pm_is_restart(ret) ? ret : -ERESTARTNOINTR;
	else if (!(*flags & (PM_REPLY_RECALL | PM_REPLY_DENIED)) &&
		 pm_call_unpack(call, data, len, &ret))
		pm_surrogate_lost(thread, -EPROTO);
	thread->call = NULL;
	pm_reply_free(thread, buf);
	return ret;
}

/* Do the filters at home allow a call that runs here? If not, *@ret is for the program. */
static bool pm_filters_allow(struct pm_thread *thread, const struct pt_regs *regs, long *ret)
{
	struct pm_call call = { .nr = regs->orig_ax };
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	u32 flags;

	syscall_get_arguments(current, current_pt_regs(), call.args);
	buf = pm_send_call(thread, &call, PM_CALL_CHECK, &reply, &data, &len);
	flags = le32_to_cpu(reply->flags);
	/* one that lets a supervisor decide may have been broken off */
	*ret = pm_restart(flags & PM_REPLY_AGAIN ? -ERESTARTNOINTR : (long)le64_to_cpu(reply->ret));
	pm_reply_free(thread, buf);
	return !(flags & (PM_REPLY_DENIED | PM_REPLY_AGAIN));
}

/* Carry a call of class home. @restart: it is a restart_syscall that stands for @nr. */
static long pm_forward(struct pm_thread *thread, unsigned int nr, const unsigned long *args,
		       bool restart)
{
	u64 done = thread->wait.again ? thread->wait.done : 0;
	bool recall;
	long ret;

	if ((nr == __NR_execve || nr == __NR_execveat) && !pm_exec_prepare(thread))
		return pm_restart(-ERESTARTNOINTR);
	thread->wait.again = false;
	pm_tell_late(thread);
	ret = pm_call_forward(nr, args, restart, pm_carry, thread, &recall, &done);
	if (recall)
		return pm_recall(thread);
	if (done)
		pm_wait_part(&thread->wait, current_pt_regs(), done);
	/* a restart that has not been run yet still stands for the same call */
	if (ret == -ERESTART_RESTARTBLOCK || (restart && ret == -ERESTARTNOINTR))
		thread->restart_nr = nr;
	else
		thread->restart_nr = -1;
	return pm_restart(ret);
}

bool pm_local_call(struct pm_thread *thread, struct pt_regs *regs)
{
	bool random = regs->orig_ax == __NR_getrandom && thread->proc->role == PM_SURROGATE;
	int err = pm_mm_before_call(thread->proc->mm, regs);

	if (err)
		regs->ax = err;
	else if (random)
		regs->ax = pm_wait_random(regs->di, regs->si, regs->dx, 0);
	return err || random;
}

/* Shared memory that is not mapped any more after this call is to be freed. */
static bool pm_local_unmap(struct pm_thread *thread, struct pt_regs *regs)
{
	if (!pm_mm_unmaps(thread->proc->mm, regs->orig_ax))
		return false;
	regs->ax = pm_syscall(regs);
	pm_objects_prune(thread->proc->mm);
	return true;
}

/**
 * pm_surrogate_call() - a surrogate is about to make a system call
 * @thread: current's
 * @regs: its registers, orig_ax the number
 *
 * Context: entry of the call, may sleep, may not return (the task dies).
 * Return: true if it has been made, result in @regs->ax; false to run it here.
 */
bool pm_surrogate_call(struct pm_thread *thread, struct pt_regs *regs)
{
	unsigned long args[6];
	enum pm_class class;
	bool restart;
	long ret;

	if (pm_chan_dead(thread->chan))
		pm_surrogate_lost(thread, -EPIPE);
	if (in_ia32_syscall()) {
		regs->ax = pm_recall(thread);
		return true;
	}
	syscall_get_arguments(current, regs, args);
	thread->wait.again = pm_wait_again(&thread->wait, regs);
	if (regs->orig_ax != __NR_restart_syscall)
		thread->restart_nr = -1;
	class = pm_call_class(regs->orig_ax, args);
	if (thread->filtered && (class == PM_LOCAL || class == PM_BOTH) &&
	    !pm_filters_allow(thread, regs, &ret)) {
		regs->ax = ret;
		return true;
	}
	/* a restart goes on where the call was */
	restart = thread->restart_nr >= 0;
	if (regs->orig_ax == __NR_restart_syscall)
		class = restart ? PM_HOME : PM_LOCAL;
	if (class == PM_LOCAL && pm_mm_recalls(thread->proc->mm, regs))
		class = PM_RECALL;
	switch (class) {
	case PM_LOCAL:
		return pm_local_call(thread, regs) || pm_local_unmap(thread, regs);
	case PM_HOME:
		regs->ax = pm_forward(thread, restart ? thread->restart_nr : regs->orig_ax, args,
				      restart);
		return true;
	case PM_BOTH:
		return pm_both_call(thread, regs, args);
	default:
		regs->ax = pm_recall(thread);
		return true;
	}
}
