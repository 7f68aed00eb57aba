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
#include <linux/freezer.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>
#include "compat.h"
#include "event.h"
#include "link.h"
#include "deputy.h"
#include "family.h"
#include "promise.h"

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
void pm_deputy_sends(struct pm_thread *thread)
{
	pm_stores_settle(thread->proc->node);
	thread->sig_sent++;
	thread->wait.again = false;
}

/* Take the next signal for the surrogate if there is one that it may have. */
bool pm_deputy_signal(struct pm_thread *thread, struct pm_wire_siginfo *wire)
{
	int sig;

	if (!pm_window_open(thread) || pm_signal_peek(&sig) != PM_SIG_FORWARD ||
	    !pm_signal_take(thread, wire))
		return false;
	pm_deputy_sends(thread);
	spin_lock(&thread->proc->lock);
	thread->proc->signals++;
	spin_unlock(&thread->proc->lock);
	return true;
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
	err = pm_deputy_come_home(thread, 0);
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
	return pm_signal_return(thread, (const void *)buf->data) == -EPROTO ? -EPROTO : 0;
}

int pm_deputy_message(struct pm_thread *thread, const struct pm_buf *buf)
{
	int err = 0;

	if (pm_fork_breach(thread, buf))
		return -EPROTO;
	/* one that it gives back is on its way until it is in the queue again */
	if (buf->type == PM_MSG_SIGBACK)
		err = pm_deputy_siginfo(thread, buf);
	/* every message says how many signals have been taken */
	smp_store_release(&thread->sig_seen, buf->flags);
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
		return err;
	case PM_MSG_MASK:
		return pm_deputy_mask(thread, buf);
	case PM_MSG_ACTION:
		return pm_deputy_action(thread, buf);
	case PM_MSG_MAP:
		return pm_deputy_map(thread, buf);
	case PM_MSG_CLOSE:
		return pm_deputy_close(thread, buf);
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
		return pm_limits_tell(thread) ?: pm_sched_tell(thread);
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
	int err = pm_deputy_come_home(thread, 0);

	if (err >= 0)
		return PM_NEXT_HOME;
	if (err == -EPIPE || err == -EPROTO)
		return err;
	/* try again, but not all the time */
	schedule_timeout_killable(err == -EAGAIN ? HZ / 100 : HZ / 10);
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
	/* a child at home waits for what comes next: nothing may stop this one before */
	if (thread->forked && !fatal_signal_pending(current))
		return PM_NEXT_STAY;
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
		err = pm_deputy_come_home(thread, 0);
		if (err == -EAGAIN) {
			schedule_timeout_killable(HZ / 100);
			return PM_NEXT_STAY;
		}
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
	if (pm_signal_take(thread, &wire)) {
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
	if (thread->forked)
		return fatal_signal_pending(current);
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

	if (test_bit(PM_T_VOID, &thread->flags))
		pm_syscall6(__NR_exit, 0, 0, 0, 0, 0, 0);
	ret = pm_team_answer(thread) ? pm_deputy_follow(thread) :
	      READ_ONCE(thread->proc->req) ? pm_deputy_move(thread) : 0;
	if (ret || test_bit(PM_T_VOID, &thread->flags))
		return ret;
	ret = pm_deputy_signals(thread);
	if (ret || test_bit(PM_T_VOID, &thread->flags))
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

/* At home: the recalled call has been broken off, and will be made again. */
static void pm_deputy_broken(struct pm_thread *thread, const struct pt_regs *regs)
{
	switch (regs->orig_ax == (unsigned long)-1 ? 0 : (long)regs->ax) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		if (test_and_clear_bit(PM_T_RECALLED, &thread->flags))
			set_bit(PM_T_RECALL, &thread->flags);
	}
}

void pm_deputy_boundary(struct pm_thread *thread)
{
	if (test_bit(PM_T_LOOP, &thread->flags))
		return;
	kref_get(&thread->ref);
	set_bit(PM_T_INSIDE, &thread->flags);
	pm_deputy_broken(thread, current_pt_regs());
	pm_wait_native(thread, current_pt_regs());
	pm_deputy_turn(thread);
	/* also if it has not left after all: its deputy is to see the call when it is made again */
	if (thread->wait.again && pm_thread_current() == thread)
		set_syscall_work(SYSCALL_USER_DISPATCH);
	clear_bit(PM_T_INSIDE, &thread->flags);
	pm_thread_put(thread);
}
