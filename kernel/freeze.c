// SPDX-License-Identifier: GPL-2.0
/*
 * The surrogate process freezes, is captured, and waits for the verdict of its home.
 *
 * Each thread is called by its own deputy (FREEZE). At its boundary it hands over what is home's,
 * captures itself, and says that nothing more will come from it (FROZEN). The first that gets there
 * leads: it captures the memory when all are there and talks to home on the process channel.
 *
 * A verdict may come early, when home gives up waiting for one of the threads. Calls are
 * numbered, so that one that is read after the verdict on it is known to be void.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/signal.h>
#include "compat.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "calls.h"
#include "space.h"

#define PM_HOT_PAGES	64

/* While what is at the node before comes: how often to listen to home, and to tell it. */
#define PM_DRAIN_PERIOD	(HZ / 20)
#define PM_DRAIN_WORD	(5 * HZ)

/* Has home given up the move for which this thread was called? */
static bool pm_freeze_void(const struct pm_thread *thread)
{
	return (s32)(thread->round - READ_ONCE(thread->proc->round)) <= 0;
}

static void pm_freeze_resume(void)
{
	/* the registers may stand in an interrupted call */
	set_thread_flag(TIF_NOTIFY_SIGNAL);
}

/* All threads are here: make the image. */
static int pm_freeze_capture(struct pm_thread *thread, struct pm_enc *enc)
{
	struct pm_proc *proc = thread->proc;
	int err;

	err = pm_team_collect(thread, enc);
	err = err ?: pm_state_capture_proc(proc, enc);
	if (!err && pm_fault(PM_FAULT_CAPTURE_MM))
		err = -ENOMEM;
	return err ?: pm_mm_capture(proc->mm, enc, current_pt_regs()->sp, PM_HOT_PAGES,
				    thread->party);
}

/* The process runs elsewhere now; this is what is left: a source of pages. Does not return. */
static void pm_freeze_released(struct pm_thread *thread)
{
	pm_team_disband(thread, PM_ORDER_GO);
	if (thread->chan)
		pm_chan_set_kick(thread->chan, NULL, NULL);
	set_bit(PM_MM_MOVED, &thread->proc->mm->flags);
	pm_mm_wait_drained(thread->proc->mm);
	pm_state_park();
	pm_surrogate_die(thread, NULL);
}

/*
 * The verdict of home. NULL: something else, *@told: all have stopped, and home reads an image; or
 * it was about an earlier move, given up before this thread heard of it.
 */
static struct pm_buf *pm_freeze_recv(struct pm_thread *thread, bool *told)
{
	struct pm_buf *buf = pm_chan_recv(thread->proc->chan, MAX_SCHEDULE_TIMEOUT);
	bool old;

	if (IS_ERR(buf) || (buf->type != PM_MSG_RESUME && buf->type != PM_MSG_CAPTURE))
		return buf;
	old = (s32)(buf->seq - thread->round) < 0;
	if (buf->type == PM_MSG_RESUME && !old)
		return buf;
	*told = *told || !old;
	pm_buf_free(buf);
	return NULL;
}

/* Wait for home's verdict, unless it is there already: @buf. */
static void pm_freeze_verdict(struct pm_thread *thread, struct pm_buf *buf)
{
	struct pm_proc *proc = thread->proc;
	bool told = false;
	u16 type;
	u32 seq;

	while (!buf)
		buf = pm_freeze_recv(thread, &told);
	if (IS_ERR(buf)) {
		pm_surrogate_lost(thread, PTR_ERR(buf));
		return;
	}
	type = buf->type;
	seq = buf->seq;
	pm_buf_free(buf);
	if (type == PM_MSG_RELEASE && seq == thread->round)
		pm_freeze_released(thread);
	if (type != PM_MSG_RESUME || seq != thread->round)
		pm_surrogate_lost(thread, -EPROTO);
	pm_mm_source_abort(proc->mm);
	WRITE_ONCE(proc->round, seq);
	pm_team_disband(thread, PM_ORDER_STAY);
	pm_freeze_resume();
}

/* Wait for what is still at the node before; a verdict of home, @early, ends that. */
static void pm_freeze_drain(struct pm_thread *thread, bool *told, struct pm_buf **early)
{
	struct pm_proc *proc = thread->proc;
	u64 left = READ_ONCE(proc->mm->map.left[PM_SRC_PREV]), now;
	unsigned long word = jiffies + PM_DRAIN_WORD;
	int err;

	while ((err = pm_mm_drain(proc->mm, PM_DRAIN_PERIOD)) == -ETIMEDOUT && !*early) {
		if (pm_chan_readable(proc->chan))
			*early = pm_freeze_recv(thread, told);
		if (time_before(jiffies, word))
			continue;
		now = READ_ONCE(proc->mm->map.left[PM_SRC_PREV]);
		/* or home gives up: that would never end */
		if (now != left)
			pm_chan_send(proc->chan, PM_MSG_FETCHING, thread->round, NULL, 0, NULL, 0);
		left = now;
		word = jiffies + PM_DRAIN_WORD;
	}
	if (err && !*early)
		pm_surrogate_lost(thread, -EPIPE);
}

static void pm_freeze_lead(struct pm_thread *thread, int err)
{
	struct pm_proc *proc = thread->proc;
	struct pm_failed failed = {};
	struct pm_buf *early = NULL;
	bool told = false;
	struct pm_enc enc;
	int gathered;

	pm_enc_init(&enc);
	do {
		gathered = pm_team_gather(thread, MAX_SCHEDULE_TIMEOUT);
		if (pm_chan_readable(proc->chan))
			early = pm_freeze_recv(thread, &told);
	} while (gathered == -EAGAIN && !early);
	err = err ?: gathered;
	if (!err && !early) {
		pm_mm_offer(proc->mm, thread->dest);
		pm_freeze_drain(thread, &told, &early);
	}
	/* until all relatives have stopped what it shares with them may change */
	if (!err && !early && thread->party) {
		WRITE_ONCE(proc->mm->stopped, thread->party);
		err = pm_chan_send(proc->chan, PM_MSG_STOPPED, thread->round, NULL, 0, NULL, 0);
	}
	while (!err && !early && !told && thread->party)
		early = pm_freeze_recv(thread, &told);
	if (!err && !early)
		err = pm_freeze_capture(thread, &enc);
	/* home may have given up, also since it asked for an image: that would have no reader */
	while (!err && !early && (!told || pm_chan_readable(proc->chan)))
		early = pm_freeze_recv(thread, &told);
	if (early)
		err = -EAGAIN;
	err = err ?: pm_chan_send(proc->chan, PM_MSG_IMAGE, thread->round, enc.buf, enc.len,
				  NULL, 0);
	pm_enc_free(&enc);
	/* if the verdict is there already nobody waits for an answer */
	if (err && err != -EAGAIN) {
		failed.err = cpu_to_le32(-err);
		pm_chan_send(proc->chan, PM_MSG_FAILED, thread->round, &failed, sizeof(failed),
			     NULL, 0);
	}
	pm_freeze_verdict(thread, early);
}

static void pm_freeze_follow(struct pm_thread *thread)
{
	int order = pm_team_await(thread);

	if (order < 0)
		pm_surrogate_die(thread, NULL);
	pm_team_report(thread, 0);
	if (order == PM_ORDER_STAY)
		pm_freeze_resume();
	else
		pm_surrogate_leave(thread);
}

/* Lead, or follow; but another thread may still be leading what was before. */
static void pm_freeze_join(struct pm_thread *thread, int err)
{
	struct pm_team *team = &thread->proc->team;
	u32 step;

	for (;;) {
		step = READ_ONCE(team->step);
		if (pm_team_lead(thread)) {
			if (!pm_freeze_void(thread)) {
				pm_freeze_lead(thread, err);
				return;
			}
			pm_team_disband(thread, PM_ORDER_STAY);
		} else if (pm_team_park(thread, err)) {
			pm_freeze_follow(thread);
			return;
		}
		if (pm_freeze_void(thread)) {
			pm_freeze_resume();
			return;
		}
		if (wait_event_killable(team->wait, READ_ONCE(team->step) != step ||
					!READ_ONCE(team->leader))) {
			pm_surrogate_die(thread, NULL);
			return;
		}
	}
}

/**
 * pm_surrogate_freeze() - the deputy of this thread has called it
 * @thread: current's
 *
 * Context: task work at the boundary. Returns when the program goes on here, or the task is to die.
 */
void pm_surrogate_freeze(struct pm_thread *thread)
{
	int err, failed;

	clear_bit(PM_T_FREEZE, &thread->flags);
	/* whatever it had waited for it will ask for again */
	clear_bit(PM_T_WAIT, &thread->flags);
	if (pm_freeze_void(thread)) {
		pm_freeze_resume();
		return;
	}
	err = pm_give_back(thread, false);
	/* what it has used here since its last call */
	err = err ?: pm_usage_tell(thread);
	failed = pm_state_capture(thread, &thread->image);
	err = err ?: pm_surrogate_send(thread, PM_MSG_FROZEN, thread->round, NULL, 0, NULL, 0);
	if (err)
		pm_surrogate_lost(thread, err);
	pm_freeze_join(thread, failed);
	pm_enc_free(&thread->image);
}
