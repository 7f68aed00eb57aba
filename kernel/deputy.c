// SPDX-License-Identifier: GPL-2.0
/*
 * The deputy: what is left at home of a process that has moved.
 *
 * It runs in a task work of the original task, at the boundary to user mode that the task will not
 * cross until the process is back. It answers its surrogate's messages one after the other, takes
 * signals as any task does, and carries out moves. It may die anywhere in here, inside a
 * forwarded call too; the exit tracepoint (hooks.c) then cleans up, and the surrogate follows when
 * it sees its channel close.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/audit.h>
#include <linux/freezer.h>
#include <linux/sched/signal.h>
#include <linux/seccomp.h>
#include <linux/slab.h>
#include "compat.h"
#include "event.h"
#include "link.h"
#include "proc.h"

/* Verdicts of the steps below. */
enum pm_next {
	PM_NEXT_STAY,	/* go on as deputy */
	PM_NEXT_HOME,	/* the process is here: return to user mode */
	PM_NEXT_EXEC,	/* this task is a new program at its first instruction */
};

/* The remote half is gone: so is the program. Does not return. */
void pm_deputy_lost(struct pm_thread *thread, const char *why)
{
	struct pm_info info;

	pr_notice_ratelimited("process %d (%s) is killed: %s\n", task_tgid_nr(current),
			      current->comm, why);
	pm_proc_info(thread->proc, &info);
	pm_event_proc(PROCMIG_EV_LOST, &info, -EPIPE);
	pm_do_group_exit(SIGKILL);
}

/* The surrogate has told its mask. */
void pm_deputy_heard(struct pm_thread *thread, u64 mask)
{
	sigset_t set = { .sig = { mask } };

	if (current->blocked.sig[0] != mask)
		pm_set_blocked(&set);
}

/* A signal goes to the surrogate: a call that it has broken off is over. */
static void pm_deputy_sends(struct pm_thread *thread)
{
	thread->sig_sent++;
	thread->wait.again = false;
}

/* Take the next signal for the surrogate if there is one that it may have. */
static bool pm_deputy_signal(struct pm_thread *thread, struct pm_wire_siginfo *wire)
{
	int sig;

	if (!pm_window_open(thread) || pm_signal_peek(&sig) != PM_SIG_FORWARD ||
	    !pm_signal_take(wire))
		return false;
	pm_deputy_sends(thread);
	spin_lock(&thread->proc->lock);
	thread->proc->signals++;
	spin_unlock(&thread->proc->lock);
	return true;
}

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
		if (!pm_signal_take(wire))
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
	err = pm_deputy_pending(thread, &wire);
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
static bool pm_deputy_allowed(const struct pt_regs *regs)
{
	struct seccomp_data data = {
		.nr = regs->orig_ax,
		.arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = regs->ip,
		.args = { regs->di, regs->si, regs->dx, regs->r10, regs->r8, regs->r9 },
	};

	return pm_seccomp_allows(&data);
}

/* Has a call that has just returned been broken off by a move, and by nothing else? */
static bool pm_deputy_breaks(struct pm_thread *thread, long ret)
{
	int sig;

	return (ret > 0 || pm_is_restart(ret)) && pm_deputy_leaving(thread) &&
	       pm_window_open(thread) && pm_signal_peek(&sig) == PM_SIG_NONE;
}

static int pm_deputy_call(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_call_hdr *hdr = (const void *)buf->data;
	struct pt_regs *regs = current_pt_regs();
	struct pm_exec exec = {};
	bool restart, again;
	u64 args[6], until;
	int err;

	if (buf->len < sizeof(*hdr))
		return -EPROTO;
	pm_deputy_heard(thread, le64_to_cpu(hdr->mask));
	pm_usage_add(thread, &hdr->usage);
	/* /proc/PID/syscall, filters and tracers look at the task's own frame */
	pm_regs_from_wire(regs, &hdr->regs);
	restart = le32_to_cpu(hdr->flags) & PM_CALL_RESTART;
	/* what the filters see is what runs */
	if ((u32)regs->orig_ax != (restart ? __NR_restart_syscall : le32_to_cpu(hdr->nr)))
		return -EPROTO;
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
	regs->ax = -ENOSYS;
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
	if (le32_to_cpu(hdr->flags) & PM_CALL_CHECK) {
		err = pm_deputy_reply(thread, buf->seq, 0, 0, NULL, 0);
		goto parked;
	}
	/*
	 * A signal is on its way to a program that had already made the call: to the program it
	 * came during the call. Let the kernel decide whether that interrupts it.
	 */
	if (!pm_window_open(thread))
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	err = pm_call_run(&thread->scratch, le32_to_cpu(hdr->nr), args, restart,
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
	exec.ret = pm_wait_result(le32_to_cpu(hdr->nr), exec.ret);
	if (pm_deputy_breaks(thread, exec.ret))
		exec.flags |= PM_REPLY_BROKEN;
	pm_wait_keep(&thread->wait, regs, exec.ret, until);
	thread->restart_nr = exec.ret == -ERESTART_RESTARTBLOCK ? le32_to_cpu(hdr->nr) : -1;
	thread->out = exec.out;
	err = pm_deputy_reply(thread, buf->seq, exec.ret, exec.flags, exec.out, exec.out_len);
	thread->out = NULL;
	pm_exec_free(&exec);
parked:
	/* nothing here stands in a system call any more */
	regs->orig_ax = -1;
	return err;
}

/**
 * pm_deputy_condemn() - what the surrogate is about to die of is queued here
 * @buf: struct pm_wire_siginfo
 *
 * For one that cannot be brought home now: it is as soon as the signal is looked at.
 * Context: the deputy. Return: 0, -EPROTO.
 */
int pm_deputy_condemn(const struct pm_buf *buf)
{
	kernel_siginfo_t info;

	if (buf->len != sizeof(struct pm_wire_siginfo) ||
	    pm_siginfo_from_wire(&info, (const void *)buf->data))
		return -EPROTO;
	pm_force_sig_info(&info);
	return 0;
}

/* The surrogate is about to die of a signal of its own: here, with its memory, as at home. */
static int pm_deputy_fatal(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_wire_siginfo *wire = (const void *)buf->data;
	kernel_siginfo_t info;
	int err;

	if (buf->len != sizeof(*wire) || pm_siginfo_from_wire(&info, wire))
		return -EPROTO;
	err = pm_deputy_come_home(thread);
	if (err == -EAGAIN)
		return pm_deputy_condemn(buf);
	if (err < 0)
		pm_do_group_exit(info.si_signo);
	/* a core file has holes where pages are missing */
	pm_mm_drain_all(thread->proc->mm);
	pm_force_sig_info(&info);
	return PM_NEXT_HOME;
}

static int pm_deputy_mask(struct pm_thread *thread, const struct pm_buf *buf)
{
	const __le64 *mask = (const void *)buf->data;

	if (buf->len != sizeof(*mask))
		return -EPROTO;
	pm_deputy_heard(thread, le64_to_cpu(*mask));
	return buf->seq ? pm_deputy_reply(thread, buf->seq, 0, 0, NULL, 0) : 0;
}

static int pm_deputy_siginfo(struct pm_thread *thread, const struct pm_buf *buf)
{
	if (buf->len != sizeof(struct pm_wire_siginfo))
		return -EPROTO;
	return pm_signal_return((const void *)buf->data) == -EPROTO ? -EPROTO : 0;
}

/* The next call of the program is one that only runs at home. */
static int pm_deputy_recall(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u32 node = proc->node;
	int err = pm_deputy_come_home(thread);

	/* it will ask again from where it is then */
	if (err == -EAGAIN)
		return PM_NEXT_STAY;
	if (err < 0 && fatal_signal_pending(current))
		return -EPIPE;
	if (err < 0)
		pm_deputy_lost(thread, "it could not be brought home for a system call");
	/* with somebody else's move it is home to stay, or as long as the other's call takes */
	if (err)
		return PM_NEXT_HOME;
	spin_lock(&proc->lock);
	set_bit(PM_T_RECALL, &thread->flags);
	proc->recalls++;
	proc->recalled++;
	spin_unlock(&proc->lock);
	WRITE_ONCE(proc->back, node);
	return PM_NEXT_HOME;
}

int pm_deputy_message(struct pm_thread *thread, const struct pm_buf *buf)
{
	/* every message says how many signals have been taken */
	thread->sig_seen = buf->flags;
	switch (buf->type) {
	case PM_MSG_CALL:
		return pm_deputy_call(thread, buf);
	case PM_MSG_EXIT:
		return pm_deputy_exit(thread, buf);
	case PM_MSG_FATAL:
		return pm_deputy_fatal(thread, buf);
	case PM_MSG_RECALL:
		return pm_deputy_recall(thread);
	case PM_MSG_SIGBACK:
		return pm_deputy_siginfo(thread, buf);
	case PM_MSG_MASK:
		return pm_deputy_mask(thread, buf);
	case PM_MSG_ACTION:
		return pm_deputy_action(thread, buf);
	case PM_MSG_MAP:
		return pm_deputy_map(thread, buf);
	case PM_MSG_CLONE:
		return pm_deputy_clone(thread, buf);
	case PM_MSG_CPUTIMERS:
		return pm_exec_timers(thread, buf);
	case PM_MSG_BORN:
		return pm_deputy_fork_end(thread, buf);
	case PM_MSG_USAGE:
		if (buf->len != sizeof(struct pm_usage))
			return -EPROTO;
		pm_usage_add(thread, (const void *)buf->data);
		pm_deputy_works();	/* timers that have expired */
		return 0;
	case PM_MSG_FROZEN:
		return 0;	/* for a move that has been given up */
	default:
		return -EPROTO;
	}
}

int pm_deputy_hold(struct pm_thread *thread, struct pm_buf *buf)
{
	struct pm_buf *outer = thread->held;
	int ret;

	thread->held = buf;
	ret = pm_deputy_message(thread, buf);
	thread->held = outer;
	return ret;
}

/*
 * A tracer has attached: what he is to stop, to look at and to change is the program, and that is
 * at home from now on. Until it is, nothing stops for him.
 */
static int pm_deputy_traced(struct pm_thread *thread)
{
	int err = pm_deputy_come_home(thread);

	if (err >= 0)
		return PM_NEXT_HOME;
	if (err == -EPIPE || err == -EPROTO)
		return err;
	/* try again, but not all the time */
	if (err != -EAGAIN)
		schedule_timeout_killable(HZ / 10);
	return PM_NEXT_STAY;
}

/* Signals while the surrogate computes. */
static int pm_deputy_signals(struct pm_thread *thread)
{
	struct pm_wire_siginfo wire;
	enum pm_disposition what;
	bool stops;
	int sig, err;

	if (READ_ONCE(current->ptrace) && !fatal_signal_pending(current))
		return pm_deputy_traced(thread);
	what = pm_signal_peek(&sig);
	if (what == PM_SIG_TRACED)
		return PM_NEXT_STAY;
	/* it was stopped with an answer, and what should have stopped it is gone */
	if (what != PM_SIG_STOP && what != PM_SIG_CORE &&
	    test_and_clear_bit(PM_T_STOP, &thread->flags) &&
	    pm_chan_send(thread->chan, PM_MSG_CONT, 0, NULL, 0, NULL, 0))
		return -EPIPE;
	switch (what) {
	case PM_SIG_NONE:
		return PM_NEXT_STAY;
	case PM_SIG_FORWARD:
		if (!pm_deputy_signal(thread, &wire))
			return PM_NEXT_STAY;
		return pm_chan_send(thread->chan, PM_MSG_SIGNAL, 0, &wire, sizeof(wire), NULL, 0);
	case PM_SIG_CORE:
		/* still pending: the kernel takes it as soon as the process is here */
		err = pm_deputy_come_home(thread);
		if (err == -EAGAIN)
			return PM_NEXT_STAY;
		if (err >= 0) {
			pm_mm_drain_all(thread->proc->mm);
			return PM_NEXT_HOME;
		}
		pm_do_group_exit(sig);
		return -EPIPE;
	case PM_SIG_STOP:
		stops = true;
		break;
	default:
		stops = false;
	}
	if (stops && pm_chan_send(thread->chan, PM_MSG_STOP, 0, NULL, 0, NULL, 0))
		return -EPIPE;
	if (pm_signal_take(&wire)) {
		/* a handler's signal has overtaken the one that was seen */
		pm_deputy_sends(thread);
		if (pm_chan_send(thread->chan, PM_MSG_SIGNAL, 0, &wire, sizeof(wire), NULL, 0))
			return -EPIPE;
	}
	if (!stops)
		return 0;
	clear_bit(PM_T_STOP, &thread->flags);
	return pm_chan_send(thread->chan, PM_MSG_CONT, 0, NULL, 0, NULL, 0);
}

/* Something that the loop can act upon now. */
static bool pm_deputy_due(struct pm_thread *thread)
{
	int sig;

	if (pm_chan_readable(thread->chan) || READ_ONCE(thread->proc->req) ||
	    pm_team_called(thread) || freezing(current) || test_thread_flag(TIF_NOTIFY_SIGNAL))
		return true;
	switch (pm_signal_peek(&sig)) {
	case PM_SIG_NONE:
		return false;
	case PM_SIG_FORWARD:
		return pm_window_open(thread);
	default:
		return true;
	}
}

/*
 * Sleep until something is due. A signal that must wait for the window keeps signal_pending()
 * true, so that an interruptible sleep would spin: then the sleep is short instead.
 */
static void pm_deputy_wait(struct pm_thread *thread)
{
	wait_queue_head_t *wait = &thread->chan->wait;

	if (!signal_pending(current)) {
		set_bit(PM_T_IDLE, &thread->flags);
		wait_event_interruptible(*wait, pm_deputy_due(thread));
		clear_bit(PM_T_IDLE, &thread->flags);
	} else {
		wait_event_killable_timeout(*wait, pm_deputy_due(thread), msecs_to_jiffies(10));
	}
	if (test_thread_flag(TIF_NOTIFY_SIGNAL) || test_thread_flag(TIF_NOTIFY_RESUME))
		pm_deputy_works();
	try_to_freeze();
}

static int pm_deputy_step(struct pm_thread *thread)
{
	struct pm_buf *buf;
	int ret;

	ret = pm_team_called(thread) ? pm_deputy_follow(thread) :
	      READ_ONCE(thread->proc->req) ? pm_deputy_move(thread) : 0;
	if (ret)
		return ret;
	ret = pm_deputy_signals(thread);
	if (ret)
		return ret;
	if (!pm_chan_readable(thread->chan)) {
		pm_deputy_wait(thread);
		return PM_NEXT_STAY;
	}
	buf = pm_chan_recv(thread->chan, 0);
	if (IS_ERR(buf))
		return PTR_ERR(buf) == -ETIMEDOUT || PTR_ERR(buf) == -EINTR ? 0 : PTR_ERR(buf);
	ret = pm_deputy_hold(thread, buf);
	pm_buf_free(buf);
	return ret;
}

void pm_deputy_loop(struct pm_thread *thread)
{
	int ret;

	set_bit(PM_T_LOOP, &thread->flags);
	do {
		ret = pm_deputy_step(thread);
		if (ret == PM_NEXT_EXEC)
			ret = pm_exec_leave(thread) ? PM_NEXT_HOME : PM_NEXT_STAY;
	} while (ret == PM_NEXT_STAY);
	clear_bit(PM_T_LOOP, &thread->flags);
	if (fatal_signal_pending(current))
		return;
	if (ret == -EPROTO) {
		pm_link_drop(thread->chan->link, "a surrogate broke the protocol");
		pm_deputy_lost(thread, "its surrogate broke the protocol");
	}
	if (ret < 0)
		pm_deputy_lost(thread, "the node that it ran on is gone");
}

static void pm_deputy_turn(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	bool called = pm_team_called(thread);
	int err;

	if (test_bit(PM_T_EXECED, &thread->flags)) {
		if (!pm_exec_leave(thread))
			pm_deputy_loop(thread);
		return;
	}
	if (pm_signal_deferred(thread)) {
		pm_deputy_dump(thread);
		return;
	}
	if (!called && !READ_ONCE(proc->req)) {
		/* a call that was broken off is still to be made again, by its deputy */
		if (pm_proc_drained(proc) && !READ_ONCE(proc->back) && !thread->wait.again)
			pm_deputy_settle(thread);
		return;
	}
	/* an instruction's own signal belongs to the registers as they are */
	if (pm_signal_synchronous())
		return;
	set_bit(PM_T_LOOP, &thread->flags);
	err = called ? pm_deputy_leave_along(thread) : pm_deputy_leave(thread);
	clear_bit(PM_T_LOOP, &thread->flags);
	if (!err)
		pm_deputy_loop(thread);
}

void pm_deputy_boundary(struct pm_thread *thread)
{
	if (test_bit(PM_T_LOOP, &thread->flags))
		return;
	pm_wait_native(thread, current_pt_regs());
	pm_deputy_turn(thread);
	/* it has not left after all, and nobody would see that a call is made again */
	if (!test_syscall_work(SYSCALL_USER_DISPATCH))
		pm_wait_undo(&thread->wait, current_pt_regs());
}
