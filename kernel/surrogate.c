// SPDX-License-Identifier: GPL-2.0
/*
 * The surrogate: the task at the remote node that runs the program.
 *
 * It is made by the nursery or another thread of the process and becomes the program (birth.c).
 * From then on it comes back into the module at its system calls (calls.c) and, when home has
 * something to say, at its boundary to user mode. All in its own context: nobody else touches
 * it.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include "compat.h"
#include "event.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "calls.h"

void pm_surrogate_die(struct pm_thread *thread, const char *why)
{
	if (why)
		pr_notice_ratelimited("guest %d (%s) of node %u is killed: %s\n",
				      task_tgid_nr(current), current->comm, thread->proc->home,
				      why);
	/* if its memory is not (all) here the exit has nothing to write into it */
	if (READ_ONCE(thread->proc->state) != PM_AWAY)
		pm_state_park();
	pm_cputimers_park();
	if (thread->call)
		pm_call_free(thread->call);
	pm_do_group_exit(SIGKILL);
}

int pm_surrogate_send(struct pm_thread *thread, u16 type, u32 seq, const void *a, size_t alen,
		      const void *b, size_t blen)
{
	struct kvec vec[2] = { { (void *)a, alen }, { (void *)b, blen } };

	return pm_chan_sendv(thread->chan, type, thread->sig_seen, seq, vec, 2);
}

/* ---- messages and the boundary ---- */

/* Tell home the mask if it knows another one. */
static int pm_tell_mask(struct pm_thread *thread)
{
	__le64 mask = cpu_to_le64(current->blocked.sig[0]);

	if (thread->home_mask == current->blocked.sig[0])
		return 0;
	thread->home_mask = current->blocked.sig[0];
	return pm_surrogate_send(thread, PM_MSG_MASK, 0, &mask, sizeof(mask), NULL, 0);
}

/* What this task may not take now belongs in the queue at home. */
int pm_give_back(struct pm_thread *thread, bool blocked_only)
{
	struct pm_wire_siginfo wire;
	int err = 0;

	while (!err && pm_signal_giveback(&wire, blocked_only)) {
		if (thread->sig_shared == le32_to_cpu(wire.signo))
			wire.shared = cpu_to_le32(1);
		/* or it would be sent here again at once; it is not taken before it is back */
		thread->sig_seen--;
		err = pm_tell_mask(thread);
		thread->sig_seen++;
		err = err ?: pm_surrogate_send(thread, PM_MSG_SIGBACK, 0, &wire, sizeof(wire),
					       NULL, 0);
	}
	return err;
}

static int pm_surrogate_signal(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_wire_siginfo *wire = (const void *)buf->data;

	if (buf->len != sizeof(*wire))
		return -EPROTO;
	thread->sig_seen++;
	thread->sig_shared = wire->shared ? le32_to_cpu(wire->signo) : 0;
	if (pm_signal_inject(wire) == -EPROTO)
		return -EPROTO;
	return pm_give_back(thread, true);
}

int pm_surrogate_message(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_freeze *freeze;

	switch (buf->type) {
	case PM_MSG_SIGNAL:
		return pm_surrogate_signal(thread, buf);
	case PM_MSG_STOP:
		set_bit(PM_T_STOP, &thread->flags);
		return 0;
	case PM_MSG_CONT:
		clear_bit(PM_T_STOP, &thread->flags);
		return 0;
	case PM_MSG_LIMITS:
		return pm_limits_hear(thread->proc, buf);
	case PM_MSG_SCHED:
		return pm_sched_hear(thread->proc, buf);
	case PM_MSG_FREEZE:
		if (buf->len != sizeof(*freeze) || !READ_ONCE(thread->proc->chan))
			return -EPROTO;
		freeze = (const void *)buf->data;
		thread->dest = le32_to_cpu(freeze->dest);
		thread->party = le64_to_cpu(freeze->party);
		thread->round = buf->seq;
		set_bit(PM_T_FREEZE, &thread->flags);
		return 0;
	case PM_MSG_DIE:
		return -EPIPE;
	default:
		return -EPROTO;
	}
}

void pm_surrogate_lost(struct pm_thread *thread, int err)
{
	if (err == -EPROTO)
		pm_link_drop(thread->chan->link, "a deputy broke the protocol");
	/* on a live link it is just that the process has ended at home */
	if (pm_link_alive(thread->chan->link))
		pm_surrogate_die(thread, NULL);
	pm_count_guest(false);
	pm_surrogate_die(thread, "the link to its home is gone");
}

static struct pm_buf *pm_surrogate_recv(struct pm_thread *thread, long timeout)
{
	struct pm_buf *buf = pm_chan_recv(thread->chan, timeout);

	if (IS_ERR(buf) && PTR_ERR(buf) == -ETIMEDOUT)
		return NULL;
	if (IS_ERR(buf))
		pm_surrogate_lost(thread, PTR_ERR(buf));
	return buf;
}

static void pm_surrogate_handle(struct pm_thread *thread, struct pm_buf *buf)
{
	int err = pm_surrogate_message(thread, buf);

	pm_buf_free(buf);
	if (err)
		pm_surrogate_lost(thread, err);
}

/* Tell home the mask if more is blocked than it knows, or that a handler has been entered. */
static void pm_report_mask(struct pm_thread *thread)
{
	__le64 mask = cpu_to_le64(current->blocked.sig[0]);

	if (!test_and_clear_bit(PM_T_DELIVERED, &thread->flags) &&
	    !(current->blocked.sig[0] & ~thread->home_mask))
		return;
	thread->home_mask = current->blocked.sig[0];
	pm_surrogate_send(thread, PM_MSG_MASK, 0, &mask, sizeof(mask), NULL, 0);
}

static void pm_report_fatal(struct pm_thread *thread)
{
	if (!pm_signal_deferred(thread))
		return;
	set_bit(PM_T_WAIT, &thread->flags);
	pm_surrogate_send(thread, PM_MSG_FATAL, 0, &thread->fatal, sizeof(thread->fatal), NULL, 0);
}

/* Must the task wait here for home before it may go on? */
bool pm_must_wait(const struct pm_thread *thread)
{
	return test_bit(PM_T_STOP, &thread->flags) || test_bit(PM_T_WAIT, &thread->flags);
}

/**
 * pm_surrogate_boundary() - about to return to user mode, and there may be news from home
 * @thread: current's
 *
 * Context: task work of @thread's task. May not return: then the surrogate is dead.
 */
void pm_surrogate_boundary(struct pm_thread *thread)
{
	struct pm_buf *buf;
	int sig;

	if (!thread->chan || !test_syscall_work(SYSCALL_USER_DISPATCH))
		return;		/* not the program yet */
	pm_tell_closed(thread);
	pm_report_fatal(thread);
	pm_report_mask(thread);
	if (test_and_clear_bit(PM_T_USAGE, &thread->flags)) {
		pm_usage_tell(thread);
		/* of a timer, when all threads block it */
		pm_give_back(thread, true);
	}
	for (;;) {
		while ((buf = pm_surrogate_recv(thread, 0)))
			pm_surrogate_handle(thread, buf);
		if (test_bit(PM_T_FREEZE, &thread->flags)) {
			/* what can be delivered now belongs to these registers: it goes first */
			if (pm_signal_peek(&sig) != PM_SIG_NONE && sig &&
			    !test_bit(PM_T_WAIT, &thread->flags))
				return;
			pm_surrogate_freeze(thread);
			continue;
		}
		if (!pm_must_wait(thread))
			return;
		buf = pm_surrogate_recv(thread, MAX_SCHEDULE_TIMEOUT);
		pm_surrogate_handle(thread, buf);
	}
}

/**
 * pm_surrogate_delivered() - get_signal() has taken a signal for current
 * @thread: current's
 * @sig: the signal
 * @info: what came with it
 * @ka: its action, which get_signal() will follow
 *
 * Context: tracepoint signal_deliver, siglock held, interrupts off. If the default action would
 * end the process, make get_signal() skip it: home has to do that.
 */
void pm_surrogate_delivered(struct pm_thread *thread, int sig, const kernel_siginfo_t *info,
			    struct k_sigaction *ka)
{
	pm_wait_handled(&thread->wait, ka);
	/* a freeze waits until what was pending has been taken */
	if (test_bit(PM_T_FREEZE, &thread->flags))
		pm_thread_kick(thread);
	if (sig == SIGKILL || sig == SIGSTOP || ka->sa.sa_handler == SIG_IGN)
		return;
	if (ka->sa.sa_handler != SIG_DFL) {
		set_bit(PM_T_DELIVERED, &thread->flags);
		pm_thread_kick(thread);
	} else if (!sig_kernel_ignore(sig) && !sig_kernel_stop(sig)) {
		pm_signal_defer(thread, info, ka);
	}
}
