// SPDX-License-Identifier: GPL-2.0
/*
 * The deputy makes a call of its program, and answers it: with the result, with a signal that the
 * program is to see first, or with the word that it is to be made again.
 */
#include <linux/audit.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/seccomp.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "deputy.h"
#include "promise.h"

/* What the kernel does before it returns to user mode: e.g. the last part of a close(). */
void pm_deputy_works(void)
{
	clear_thread_flag(TIF_NOTIFY_SIGNAL);
	clear_thread_flag(TIF_NOTIFY_RESUME);
	/* pairs with task_work_add(): flag after work */
	smp_mb__after_atomic();
	pm_task_work_run();
}

/*
 * Signals that the call has brought take effect before the program goes on: what stops it or takes
 * it home for a core dump or a tracer makes the surrogate wait at its boundary.
 * Return: 1 with @wire filled, 0, or -EPIPE.
 */
static int pm_deputy_pending(struct pm_thread *thread, struct pm_wire_siginfo *wire)
{
	int sig;

	switch (pm_signal_peek(&sig)) {
	case PM_SIG_STOP:
	case PM_SIG_CORE:
	case PM_SIG_TRACED:
		set_bit(PM_T_STOP, &thread->flags);
		return pm_chan_send(thread->chan, PM_MSG_STOP, 0, NULL, 0, NULL, 0);
	case PM_SIG_NATIVE:
		if (thread->forked || !pm_signal_take(thread, wire))
			return 0;
		pm_deputy_sends(thread);
		return 1;
	default:
		return pm_deputy_signal(thread, wire);
	}
}

/*
 * Answer a call. Signals that can be delivered now travel with the answer, and a temporary mask
 * (sigsuspend, ppoll ...) under which they were taken.
 */
int pm_deputy_reply(struct pm_thread *thread, u32 seq, long ret, u32 flags,
		    const void *out, size_t out_len)
{
	struct pm_wire_siginfo wire;
	struct pm_reply reply = {
		.ret = cpu_to_le64(ret),
		.mask = cpu_to_le64(current->blocked.sig[0]),
	};
	struct kvec vec[3];
	int err;

	pm_deputy_works();
	pm_stores_settle(thread->proc->node);
	err = pm_limits_tell(thread) ?: pm_sched_tell(thread) ?: pm_deputy_pending(thread, &wire);
	if (err < 0)
		return err;
	if (err) {
		reply.nsig = cpu_to_le32(1);
		if (test_restore_sigmask())
			flags |= PM_REPLY_SIGMASK;
	}
	if (test_and_clear_restore_sigmask())
		pm_set_blocked(&current->saved_sigmask);
	reply.flags = cpu_to_le32(flags);
	vec[0] = (struct kvec){ &reply, sizeof(reply) };
	vec[1] = (struct kvec){ &wire, reply.nsig ? sizeof(wire) : 0 };
	vec[2] = (struct kvec){ (void *)out, out_len };
	return pm_chan_sendv(thread->chan, PM_MSG_REPLY, 0, seq, vec, 3);
}

static bool pm_is_exec(u32 nr)
{
	return nr == __NR_execve || nr == __NR_execveat;
}

/*
 * Is a call to be made again, after what has just come up? A part of a transfer is not put off, an
 * exec also for a signal that is on its way: it would be the new program's.
 */
static bool pm_deputy_puts_off(struct pm_thread *thread, const struct pm_call_hdr *hdr)
{
	if (pm_is_exec(le32_to_cpu(hdr->nr)))
		return pm_deputy_leaving(thread) || !pm_window_open(thread);
	return !(le32_to_cpu(hdr->flags) & PM_CALL_MORE) && pm_deputy_leaving(thread);
}

/* Filters see the call as the program made it, number, address and arguments. */
bool pm_deputy_allowed(struct pt_regs *regs)
{
	struct seccomp_data data = {
		.nr = regs->orig_ax,
		.arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = regs->ip,
		.args = { regs->di, regs->si, regs->dx, regs->r10, regs->r8, regs->r9 },
	};

	return pm_seccomp_allows(&data);
}

/*
 * Has a call that has just returned been broken off by the module, and by nothing else? Mostly for
 * a move, but who has been kicked for it may find that it is over.
 */
static bool pm_deputy_breaks(struct pm_thread *thread, unsigned int nr, const u64 *args, long ret)
{
	int sig;

	return (ret > 0 || pm_is_restart(ret)) && test_thread_flag(TIF_NOTIFY_SIGNAL) &&
	       pm_window_open(thread) && pm_signal_peek(&sig) == PM_SIG_NONE &&
	       pm_call_resumes(nr, (const unsigned long *)args);
}

/*
 * Would the call wait for the position of a file of which somebody else may hold it, while he waits
 * for shared memory that this process has away? It has to be made at home anyway.
 */
static bool pm_call_kept(unsigned int nr, const u64 *args)
{
	struct pm_kept *kept = NULL;
	struct file *file;

	if (nr != __NR_read && nr != __NR_write && nr != __NR_readv && nr != __NR_writev &&
	    nr != __NR_lseek)
		return false;
	file = pm_kept_any() ? fget(args[0]) : NULL;
	if (!file)
		return false;
	kept = pm_kept_of(file);
	fput(file);
	if (kept)
		pm_kept_put(kept);
	return kept;
}

/* Threads say soon what has become of their signals; for one that does not, in ms. */
#define PM_SIGNALS_PATIENCE	200

/*
 * The call looks for pending signals. One that was sent to another thread, which blocks it, is on
 * its way back: to the program it has never been away.
 */
static void pm_deputy_gather_signals(struct pm_thread *thread, unsigned int nr)
{
	int patience = PM_SIGNALS_PATIENCE;
	struct pm_thread *pos = NULL;

	if (nr != __NR_rt_sigpending && nr != __NR_rt_sigtimedwait)
		return;
	while ((pos = pm_thread_next(thread->proc, pos)))
		while (pos != thread && !pm_window_open(pos) && patience-- > 0)
			usleep_range(1000, 1500);
}

int pm_deputy_call(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_call_hdr *hdr = (const void *)buf->data;
	struct pt_regs *regs = current_pt_regs();
	struct pm_exec exec = {};
	u64 args[6], until;
	bool again;
	u32 how;
	int err;

	if (buf->len < sizeof(*hdr))
		return -EPROTO;
	pm_deputy_heard(thread, le64_to_cpu(hdr->mask));
	pm_usage_add(thread, &hdr->usage);
	/* /proc/PID/syscall, filters and tracers look at the task's own frame */
	pm_regs_from_wire(regs, &hdr->regs);
	how = le32_to_cpu(hdr->flags);
	/* what the filters see is what runs */
	if ((u32)regs->orig_ax !=
	    (how & PM_CALL_RESTART ? __NR_restart_syscall : le32_to_cpu(hdr->nr)))
		return -EPROTO;
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
	pm_syscall_enter(regs);
	spin_lock(&thread->proc->lock);
	thread->proc->calls++;
	spin_unlock(&thread->proc->lock);

	again = pm_wait_again(&thread->wait, regs);
	if (pm_deputy_puts_off(thread, hdr))
		return pm_deputy_reply(thread, buf->seq, again ? -ERESTARTNOHAND : -ERESTARTNOINTR,
				       PM_REPLY_AGAIN, NULL, 0);
	until = again ? thread->wait.until : 0;
	thread->wait.again = false;
	if (!pm_deputy_allowed(regs)) {
		/* the filter has put its answer into the frame, or a signal into the queue */
		err = pm_deputy_reply(thread, buf->seq, regs->ax, PM_REPLY_DENIED, NULL, 0);
		goto parked;
	}
	if (how & PM_CALL_CHECK) {
		err = pm_deputy_reply(thread, buf->seq, 0, 0, NULL, 0);
		goto parked;
	}
	if (pm_call_kept(le32_to_cpu(hdr->nr), args)) {
		err = pm_deputy_reply(thread, buf->seq, -EAGAIN, PM_REPLY_RECALL, NULL, 0);
		goto parked;
	}
	/*
	 * A signal is on its way to a program that had already made the call: to the program it
	 * came during the call. Let the kernel decide whether that interrupts it.
	 */
	if (!pm_window_open(thread))
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	pm_deputy_gather_signals(thread, le32_to_cpu(hdr->nr));
	err = pm_call_run(&thread->scratch, le32_to_cpu(hdr->nr), args, how,
			  &until, hdr + 1, buf->len - sizeof(*hdr), &exec);
	if (err == -EPROTO)
		return err;
	if (pm_is_exec(le32_to_cpu(hdr->nr)) && pm_exec_happened(thread)) {
		pm_exec_free(&exec);
		return PM_NEXT_EXEC;
	}
	if (err)
		exec.ret = err;
	/* the call has found out that what it wants is where the program is, and done nothing */
	if (test_and_clear_bit(PM_T_OWN, &thread->flags))
		exec.flags |= PM_REPLY_RECALL;
	exec.ret = pm_wait_result(le32_to_cpu(hdr->nr), (unsigned long *)args, exec.ret);
	if (pm_deputy_breaks(thread, le32_to_cpu(hdr->nr), args, exec.ret))
		exec.flags |= PM_REPLY_BROKEN;
	/* a signal that is still on its way may have a handler, after which this is another call */
	pm_wait_keep(&thread->wait, regs, pm_window_open(thread) ? exec.ret : 0, until);
	thread->restart_nr = exec.ret == -ERESTART_RESTARTBLOCK ? le32_to_cpu(hdr->nr) : -1;
	thread->out = exec.out;
	err = pm_sched_called(thread, le32_to_cpu(hdr->nr), args) ?:
	      pm_deputy_reply(thread, buf->seq, exec.ret, exec.flags, exec.out, exec.out_len);
	thread->out = NULL;
	pm_exec_free(&exec);
parked:
	/* nothing here stands in a system call any more */
	regs->orig_ax = -1;
	return err;
}
