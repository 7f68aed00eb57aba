// SPDX-License-Identifier: GPL-2.0
/*
 * Home has a process stop where it runs, and asks for its image: before it comes home, or goes on
 * to another node. See deputy_move.c for what comes next.
 */
#include <linux/sched/signal.h>
#include "deputy.h"
#include "family.h"
#include "link.h"

/*
 * It has to be at home for a call, which it will make anew. If it is on its way there, with a
 * relative that has to be there too, neither goes back before the other's call has been made.
 */
static void pm_deputy_recalls(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	if (READ_ONCE(proc->dest) == proc->home && READ_ONCE(proc->party))
		pm_deputy_recall_mark(thread);
}

static int pm_deputy_void(struct pm_thread *thread)
{
	set_bit(PM_T_VOID, &thread->flags);
	return -EAGAIN;
}

int pm_freeze_own(struct pm_thread *thread, bool leads)
{
	struct pm_freeze freeze = {
		.dest = cpu_to_le32(READ_ONCE(thread->proc->dest)),
		.party = cpu_to_le64(READ_ONCE(thread->proc->party)),
	};
	unsigned long end = jiffies + PM_STEP_TIMEOUT;
	struct pm_chan *chan = thread->chan;
	bool frozen = false;
	struct pm_buf *buf;
	int err;

	set_bit(PM_T_FREEZE, &thread->flags);
	err = pm_chan_send(chan, PM_MSG_FREEZE, thread->round, &freeze, sizeof(freeze), NULL, 0);
	while (!err && !frozen) {
		if (wait_event_killable_timeout(chan->wait, pm_chan_readable(chan) ||
						(!leads && !pm_team_waits(thread)), HZ) < 0)
			err = -EINTR;
		else if (!leads && !pm_team_waits(thread))
			err = -EAGAIN;
		else if (leads && time_after(jiffies, end))
			err = -EBUSY;
		if (err || !pm_chan_readable(chan))
			continue;
		buf = pm_chan_recv(chan, 0);
		if (IS_ERR(buf)) {
			err = PTR_ERR(buf) == -ETIMEDOUT ? 0 : PTR_ERR(buf);
			continue;
		}
		frozen = buf->type == PM_MSG_FROZEN && buf->seq == thread->round;
		if (pm_fork_breach(thread, buf))
			err = -EPROTO;
		/* a call that must be made at home is made anew; a signal would not come again */
		else if (buf->type == PM_MSG_FATAL)
			err = pm_deputy_condemn(buf);
		else if (buf->type == PM_MSG_RECALL)
			pm_deputy_recalls(thread);
		/* there is no other half; who leads does not exit before the others know that */
		else if (buf->type == PM_MSG_EXIT && !buf->seq)
			err = pm_deputy_void(thread);
		else if (!frozen)
			err = pm_deputy_hold(thread, buf);
		pm_buf_free(buf);
	}
	clear_bit(PM_T_FREEZE, &thread->flags);
	pm_scratch_free(&thread->scratch);
	return err;
}

/* It stays where it is. For who has asked, the reason; it may be one that does not pass. */
static int pm_freeze_failed(struct pm_proc *proc, const struct pm_buf *buf)
{
	const struct pm_failed *failed = (const void *)buf->data;
	struct pm_req *req = proc->req;

	if (buf->len != sizeof(*failed))
		return -EPROTO;
	if (req && !*req->why)
		scnprintf(req->why, sizeof(req->why), "node %u makes no image of it (error %u)",
			  proc->node, le32_to_cpu(failed->err));
	/* one of several may change, or end */
	return le32_to_cpu(failed->err) == E2BIG && !pm_has_relatives(proc) ? -E2BIG : -EAGAIN;
}

/* It was stopped for long, and there is no image. It runs on, and does not try again at once. */
static int pm_freeze_slow(struct pm_proc *proc)
{
	struct pm_req *req = proc->req;

	if (req && !*req->why)
		scnprintf(req->why, sizeof(req->why), "node %u has made no image of it in %u s",
			  proc->node, PM_PARTY_TIMEOUT / HZ);
	return -EBUSY;
}

/*
 * What the frozen process says; answers to earlier moves, which were given up, are skipped.
 * @party: give up when another one of it has failed, as long as no image has been asked for.
 */
static struct pm_buf *pm_freeze_answer(struct pm_thread *thread, struct pm_party *party, u16 type)
{
	unsigned long deadline = jiffies + PM_PARTY_TIMEOUT;
	struct pm_buf *buf;
	long left;
	int err;

	for (;;) {
		left = deadline - jiffies;
		if (left <= 0)
			return ERR_PTR(pm_freeze_slow(thread->proc));
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
		/* another one has failed: this one need not stay stopped */
		if (party && READ_ONCE(party->err))
			return ERR_PTR(READ_ONCE(party->err));
		buf = pm_chan_recv(thread->proc->chan, min_t(long, left, HZ));
		if (PTR_ERR_OR_ZERO(buf) == -ETIMEDOUT)
			continue;
		/* only an image is so large: it stays where it is */
		if (PTR_ERR_OR_ZERO(buf) == -ENOMEM)
			return ERR_PTR(-EAGAIN);
		if (IS_ERR(buf))
			return buf;
		if (buf->seq == thread->round && buf->type != PM_MSG_FETCHING)
			break;
		/* it makes headway */
		if (buf->seq == thread->round)
			deadline = jiffies + PM_PARTY_TIMEOUT;
		pm_buf_free(buf);
	}
	if (buf->type == type)
		return buf;
	err = buf->type == PM_MSG_FAILED ? pm_freeze_failed(thread->proc, buf) : -EPROTO;
	pm_buf_free(buf);
	return ERR_PTR(err);
}

/* A process that was forked where it runs has not needed a process channel up to now. */
static int pm_freeze_open(struct pm_proc *proc)
{
	struct pm_open open = {
		.proc = cpu_to_le64(proc->id),
		.home = cpu_to_le32(proc->home),
		.tgid = cpu_to_le32(pid_nr(proc->tgid)),
		.trip = cpu_to_le64(proc->trip),
		.from = cpu_to_le64(proc->id),
	};
	struct pm_chan *chan;
	int err;

	if (proc->chan)
		return 0;
	chan = pm_chan_open(proc->node, PM_CHAN_PROC, &open);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	err = pm_await(chan, PM_MSG_PREPARED);
	if (!err) {
		proc->chan = chan;
		return 0;
	}
	pm_chan_drop(chan);
	/* nothing has been asked of the surrogate yet */
	return err == -EINTR ? err : -EHOSTUNREACH;
}

/*
 * All threads have stopped. If it does not move alone, wait for the others of its family; then have
 * the source send the image, and be there to read it.
 */
static int pm_freeze_family(struct pm_thread *thread, struct pm_party *party)
{
	struct pm_proc *proc = thread->proc;
	struct pm_buf *buf;
	int err = 0;

	/* one that it has forked since the move was asked for */
	if (!party && pm_has_relatives(proc))
		return -EAGAIN;
	if (party) {
		buf = pm_freeze_answer(thread, party, PM_MSG_STOPPED);
		if (IS_ERR(buf))
			return PTR_ERR(buf);
		pm_buf_free(buf);
		err = pm_party_meet(party) ?: pm_party_complete(party, proc);
	}
	return err ?: pm_chan_send(proc->chan, PM_MSG_CAPTURE, thread->round, NULL, 0, NULL, 0);
}

struct pm_buf *pm_freeze(struct pm_thread *thread, u32 dest, struct pm_party *party)
{
	int err = pm_freeze_open(thread->proc);

	if (err)
		return ERR_PTR(err);
	WRITE_ONCE(thread->proc->dest, dest);
	pm_team_call(thread);
	err = pm_freeze_own(thread, true);
	err = err ?: pm_team_gather(thread, PM_STEP_TIMEOUT);
	err = err ?: pm_freeze_family(thread, party);
	return err ? ERR_PTR(err) : pm_freeze_answer(thread, NULL, PM_MSG_IMAGE);
}

int pm_resume(struct pm_thread *thread, int err)
{
	if (!thread->proc->chan)
		return err;
	if (pm_chan_send(thread->proc->chan, PM_MSG_RESUME, thread->round, NULL, 0, NULL, 0))
		return -EPIPE;
	return err;
}
