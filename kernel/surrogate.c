// SPDX-License-Identifier: GPL-2.0
/*
 * The surrogate: the task at the remote node that runs the program.
 *
 * It starts as a child of the nursery, becomes the program by restoring its image, and from then on
 * comes back into the module at its system calls (calls.c) and, when home has something to say, at
 * its boundary to user mode. All in its own context: nobody else touches it.
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

#define PM_HOT_PAGES	64

void pm_surrogate_die(struct pm_thread *thread, const char *why)
{
	if (why)
		pr_notice_ratelimited("guest %d (%s) of node %u is killed: %s\n",
				      task_tgid_nr(current), current->comm, thread->proc->home,
				      why);
	/* its memory may be elsewhere: the exit has nothing to write into it */
	pm_state_park();
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

/* ---- arrival ---- */

static int pm_arrive_restore(struct pm_thread *thread, const struct pm_buf *image)
{
	struct pm_mm *mm = thread->proc->mm;
	struct pm_arriving state = {};
	struct pm_dec dec;
	const void *data;
	size_t len;
	u32 tag;
	int err;

	if (pm_fault(PM_FAULT_RESTORE_MM))
		return -ENOMEM;
	err = pm_mm_restore_begin(mm);
	if (err)
		goto abort;
	pm_dec_init(&dec, image->data, image->len);
	while (!err && pm_dec_next(&dec, &tag, &data, &len)) {
		/* before all else it gives up what the helper may do */
		if (tag != PM_TAG_PROC && !state.identity)
			err = -EPROTO;
		else if (tag < PM_TAG_MM)
			err = pm_state_restore(thread, &state, tag, data, len);
		else
			err = pm_mm_restore(mm, tag, data, len);
	}
	err = err ?: dec.err;
	err = err ?: state.identity ? 0 : -EPROTO;
	err = err ?: pm_mm_restore_end(mm);
	err = err ?: pm_state_restore_end(thread, &state);
	memcpy(thread->proc->comm, current->comm, sizeof(thread->proc->comm));
	if (!err)
		return 0;
abort:
	pm_mm_sink_abort(mm);
	return err;
}

static int pm_arrive_prepare(struct pm_thread *thread, u32 prev)
{
	struct pm_proc *proc = thread->proc;
	struct pm_mm *mm;

	/* what the nursery had open is none of the program's business */
	pm_syscall6(__NR_close_range, 0, ~0U, 0, 0, 0, 0);
	mm = pm_mm_create(proc->id, proc->home, current->mm);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	spin_lock(&proc->lock);
	proc->mm = mm;
	spin_unlock(&proc->lock);
	if (pm_fault(PM_FAULT_PAGE_CHANNELS))
		return -EHOSTUNREACH;
	return pm_mm_connect(mm, prev);
}

/* From an empty task to the program at its boundary. Every error ends the task. */
static int pm_arrive(struct pm_thread *thread, u32 prev)
{
	struct pm_buf *image;
	int err = pm_arrive_prepare(thread, prev);

	if (err)
		return err;
	if (pm_fault(PM_FAULT_PREPARED_LOST))
		pm_chan_kill(thread->chan);
	err = pm_surrogate_send(thread, PM_MSG_PREPARED, 0, NULL, 0, NULL, 0);
	if (err)
		return err;
	/* the asker bounds this wait; if he gives up he closes the channel */
	image = pm_chan_recv(thread->chan, MAX_SCHEDULE_TIMEOUT);
	if (IS_ERR(image))
		return PTR_ERR(image);
	err = image->type == PM_MSG_IMAGE ? pm_arrive_restore(thread, image) : -EPROTO;
	pm_buf_free(image);
	if (err)
		return err;
	if (pm_fault(PM_FAULT_READY_LOST))
		pm_chan_kill(thread->chan);
	if (!pm_fault(PM_FAULT_HANG))
		err = pm_surrogate_send(thread, PM_MSG_READY, 0, NULL, 0, NULL, 0);
	return err ?: pm_await(thread->chan, PM_MSG_RUN);
}

/* Softirq: home has sent something, or is gone. */
static void pm_surrogate_wake(void *arg)
{
	struct pm_thread *thread = arg;

	if (!test_bit(PM_T_CALLING, &thread->flags))
		pm_thread_kick(thread);
}

void pm_surrogate_start(struct pm_thread *thread, u32 prev)
{
	struct pm_failed failed = {};
	int err;

	pm_thread_hash(thread);
	err = pm_arrive(thread, prev);
	if (err) {
		failed.err = cpu_to_le32(-err);
		pm_surrogate_send(thread, PM_MSG_FAILED, 0, &failed, sizeof(failed), NULL, 0);
		pm_surrogate_die(thread, NULL);
	}
	set_syscall_work(SYSCALL_USER_DISPATCH);
	pm_chan_set_kick(thread->chan, pm_surrogate_wake, thread);
	pm_mm_sink_commit(thread->proc->mm);
	pm_count_guest(true);
	pm_guests_add(1);
	set_bit(PM_T_GUEST, &thread->flags);
	pm_usage_watch();
	if (pm_fault(PM_FAULT_RUNNING_LOST))
		pm_chan_kill(thread->chan);
	if (pm_surrogate_send(thread, PM_MSG_RUNNING, 0, NULL, 0, NULL, 0))
		pm_surrogate_die(thread, NULL);
	/* a message may have come before the notification was there */
	pm_thread_kick(thread);
}

/* ---- messages and the boundary ---- */

/* What this task may not take now belongs in the queue at home. */
int pm_give_back(struct pm_thread *thread, bool blocked_only)
{
	struct pm_wire_siginfo wire;
	int err = 0;

	while (!err && pm_signal_giveback(&wire, blocked_only))
		err = pm_surrogate_send(thread, PM_MSG_SIGBACK, 0, &wire, sizeof(wire), NULL, 0);
	return err;
}

static int pm_surrogate_signal(struct pm_thread *thread, const struct pm_buf *buf)
{
	if (buf->len != sizeof(struct pm_wire_siginfo))
		return -EPROTO;
	thread->sig_seen++;
	if (pm_signal_inject((const void *)buf->data) == -EPROTO)
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
	case PM_MSG_FREEZE:
		if (buf->len != sizeof(struct pm_freeze))
			return -EPROTO;
		freeze = (const void *)buf->data;
		pm_mm_offer(thread->proc->mm, le32_to_cpu(freeze->dest));
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

/* Tell home the mask if it knows another one, or that a handler has been entered. */
static void pm_report_mask(struct pm_thread *thread)
{
	__le64 mask = cpu_to_le64(current->blocked.sig[0]);

	if (!test_and_clear_bit(PM_T_DELIVERED, &thread->flags))
		return;
	thread->home_mask = current->blocked.sig[0];
	pm_surrogate_send(thread, PM_MSG_MASK, 0, &mask, sizeof(mask), NULL, 0);
}

static void pm_report_fatal(struct pm_thread *thread)
{
	int sig = le32_to_cpu(thread->fatal.signo);

	if (!test_and_clear_bit(PM_T_FATAL, &thread->flags))
		return;
	spin_lock_irq(&pm_sighand()->siglock);
	pm_sighand()->action[sig - 1].sa.sa_handler = SIG_DFL;
	spin_unlock_irq(&pm_sighand()->siglock);
	set_bit(PM_T_WAIT, &thread->flags);
	pm_surrogate_send(thread, PM_MSG_FATAL, 0, &thread->fatal, sizeof(thread->fatal), NULL, 0);
}

/* The process runs elsewhere now; this is what is left: a source of pages. Does not return. */
static void pm_surrogate_released(struct pm_thread *thread)
{
	pm_chan_set_kick(thread->chan, NULL, NULL);
	pm_mm_wait_drained(thread->proc->mm);
	pm_surrogate_die(thread, NULL);
}

/* Frozen: wait for the verdict. */
static void pm_surrogate_frozen(struct pm_thread *thread)
{
	struct pm_buf *buf = pm_surrogate_recv(thread, MAX_SCHEDULE_TIMEOUT);
	u16 type = buf->type;

	pm_buf_free(buf);
	switch (type) {
	case PM_MSG_RESUME:
		pm_mm_source_abort(thread->proc->mm);
		/* the registers may stand in an interrupted call */
		set_thread_flag(TIF_NOTIFY_SIGNAL);
		return;
	case PM_MSG_RELEASE:
		pm_surrogate_released(thread);
		return;
	case PM_MSG_DIE:
		pm_surrogate_die(thread, NULL);
		return;
	default:
		pm_surrogate_lost(thread, -EPROTO);
	}
}

static void pm_surrogate_freeze(struct pm_thread *thread)
{
	struct pm_mm *mm = thread->proc->mm;
	struct pm_failed failed = {};
	struct pm_enc enc;
	int err;

	clear_bit(PM_T_FREEZE, &thread->flags);
	clear_bit(PM_T_WAIT, &thread->flags);
	pm_enc_init(&enc);
	err = pm_mm_drain(mm);
	err = err ?: pm_give_back(thread, false);
	/* what it has used here since its last call */
	err = err ?: pm_usage_tell(thread);
	if (err)
		pm_surrogate_lost(thread, err);
	err = pm_state_capture(thread, &enc);
	if (!err && pm_fault(PM_FAULT_CAPTURE_MM))
		err = -ENOMEM;
	err = err ?: pm_mm_capture(mm, &enc, current_pt_regs()->sp, PM_HOT_PAGES);
	err = err ?: pm_surrogate_send(thread, PM_MSG_IMAGE, 0, enc.buf, enc.len, NULL, 0);
	pm_enc_free(&enc);
	if (!err) {
		pm_surrogate_frozen(thread);
		return;
	}
	pm_mm_source_abort(mm);
	failed.err = cpu_to_le32(-err);
	pm_surrogate_send(thread, PM_MSG_FAILED, 0, &failed, sizeof(failed), NULL, 0);
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
	pm_report_fatal(thread);
	pm_report_mask(thread);
	if (test_and_clear_bit(PM_T_USAGE, &thread->flags))
		pm_usage_tell(thread);
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
 * @ka: copy of its action, which get_signal() will follow
 *
 * Context: tracepoint signal_deliver, siglock held, interrupts off. If the default action would
 * end the process, make get_signal() skip it: home has to do that.
 */
void pm_surrogate_delivered(struct pm_thread *thread, int sig, const kernel_siginfo_t *info,
			    struct k_sigaction *ka)
{
	/* a freeze waits until what was pending has been taken */
	if (test_bit(PM_T_FREEZE, &thread->flags))
		pm_thread_kick(thread);
	if (sig == SIGKILL || sig == SIGSTOP || ka->sa.sa_handler == SIG_IGN)
		return;
	if (ka->sa.sa_handler != SIG_DFL) {
		set_bit(PM_T_DELIVERED, &thread->flags);
	} else if (!sig_kernel_ignore(sig) && !sig_kernel_stop(sig)) {
		pm_siginfo_to_wire(&thread->fatal, info);
		ka->sa.sa_handler = SIG_IGN;
		set_bit(PM_T_FATAL, &thread->flags);
	} else {
		return;
	}
	pm_thread_kick(thread);
}
