// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of a move, in the context of the deputy, who alone decides where the process runs.
 *
 *   home -> A	capture here, IMAGE -> A, READY <- A, RUN -> A, RUNNING <- A		(leave)
 *   A -> home	FREEZE -> A, IMAGE <- A, restore here, RELEASE -> A		(come home)
 *   A -> B	FREEZE -> A, IMAGE <- A, IMAGE -> B, READY <- B, RUN -> B, RUNNING <- B,
 *		RELEASE -> A							(hop)
 *
 * One thread conducts it, the others follow its orders (team.c). FREEZE and its answer FROZEN
 * are on each thread's own channel, for its deputy to read all that came before; the rest is on
 * the process channel.
 *
 * The move is committed by RUNNING, or at home by the completed restore. Whatever fails before that
 * leaves the process where it was (RESUME -> A). A surrogate that has been told to run and cannot
 * say so any more has done nothing that anybody saw, for all its effects pass through here, and it
 * dies when it finds its channel closed.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include "event.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "deputy.h"
#include "family.h"
#include "space.h"

void pm_see_cpu(struct pm_proc *proc, const struct pm_req *req)
{
	int i;

	for (i = 0; i < PM_CPU_WORDS; i++)
		proc->cpu_seen[i] |= req->cpu[i];
}

void pm_set_place(struct pm_proc *proc, u32 node, enum pm_state state, u64 freeze_ns)
{
	struct pm_info info;

	spin_lock(&proc->lock);
	proc->node = node;
	proc->state = state;
	proc->moves++;
	memset(&proc->memory, 0, sizeof(proc->memory));
	proc->freeze_ns = freeze_ns;
	if (state == PM_AWAY) {
		WRITE_ONCE(proc->back, 0);
	} else {
		proc->family = 0;
		WRITE_ONCE(proc->mm->party, 0);
	}
	spin_unlock(&proc->lock);
	pm_proc_info(proc, &info);
	pm_event_proc(state == PM_AWAY ? PROCMIG_EV_MOVED : PROCMIG_EV_HOME, &info, 0);
}

/* Give the image to a prepared surrogate and commit. On error the channels are useless. */
int pm_send_image(struct pm_proc *proc, struct pm_req *req, const void *image, size_t len)
{
	/* what it shares is all fetched before */
	bool whole = req->party || pm_objects_whole(proc->mm);
	struct pm_chan *chan = req->chan;
	int err;

	err = pm_fault_send(chan, PM_FAULT_IMAGE_LOST, PM_MSG_IMAGE, image, len);
	err = err ?: pm_await_for(chan, PM_MSG_READY, whole ? PM_PARTY_TIMEOUT : PM_STEP_TIMEOUT);
	err = err ?: pm_party_meet(req->party);
	if (err)
		return err;
	err = pm_fault_send(chan, PM_FAULT_RUN_LOST, PM_MSG_RUN, NULL, 0);
	err = err ?: pm_await(chan, PM_MSG_RUNNING);
	return err ?: pm_party_meet(req->party);
}

/*
 * Begin with the move that is asked for. NULL if there is none any more: the asker has given up, or
 * the process has come home by itself after the move had been prepared.
 */
struct pm_req *pm_req_take(struct pm_proc *proc)
{
	bool moved = false;
	struct pm_req *req;

	spin_lock(&proc->lock);
	req = proc->req;
	if (req) {
		req->taken = true;
		moved = req->from != proc->node;
	}
	spin_unlock(&proc->lock);
	if (!moved)
		return req;
	pm_req_finish(proc, req->dest == proc->node ? 0 : -EBUSY,
		      "it has just come home by itself");
	return NULL;
}

/* Tell the asker the first reason why it did not move. */
void pm_leave_reason(void *arg, const char *text)
{
	struct pm_req *req = arg;

	if (!*req->why)
		strscpy(req->why, text, sizeof(req->why));
}

/* ---- a thread's channel ---- */

/* Threads may use their new channels as soon as they are told. */
void pm_hand_out(struct pm_proc *proc, struct pm_req *req)
{
	struct pm_thread *pos = NULL;

	/* the others are ending: nobody would put it */
	while ((pos = pm_thread_next(proc, pos)))
		if (pos->task == current || test_bit(PM_T_PARKED, &pos->flags))
			pos->next = xa_erase(&req->threads, pos->tid);
}

static void pm_drop_chan(struct pm_thread *thread)
{
	if (thread->chan)
		pm_chan_put(thread->chan);
	thread->chan = NULL;
}

/* The program runs at the other end of the new channel from now on. */
void pm_adopt_chan(struct pm_thread *thread)
{
	pm_drop_chan(thread);
	thread->chan = thread->next;
	thread->next = NULL;
	thread->sig_seen = 0;
	thread->sig_sent = 0;
	memset(&thread->usage, 0, sizeof(thread->usage));
	/* the surrogate's own clock began to run when it was prepared */
	thread->since = ktime_get_ns() - 60ULL * NSEC_PER_SEC;
	clear_bit(PM_T_STOP, &thread->flags);
	/* what the old end was told may have come too late for the image */
	spin_lock(&thread->proc->lock);
	memset(&thread->sched, 0, sizeof(thread->sched));
	spin_unlock(&thread->proc->lock);
}

/* ---- the move of a process that is away ---- */

static int pm_restore_home(struct pm_thread *thread, const struct pm_buf *image)
{
	struct pm_proc *proc = thread->proc;
	struct pm_mm *mm = proc->mm;
	struct pm_dec rest;
	const void *data;
	size_t len;
	u32 tag;
	int err;

	if (pm_fault(PM_FAULT_RESTORE_MM))
		return -ENOMEM;
	err = pm_team_deal(proc, image, &rest, NULL);
	err = err ?: pm_mm_restore_begin(mm);
	if (err)
		return err;
	while (!err && pm_dec_next(&rest, &tag, &data, &len)) {
		if (tag < PM_TAG_MM)
			err = pm_state_restore_proc(proc, tag, data, len);
		else
			err = pm_mm_restore(mm, tag, data, len);
	}
	err = err ?: rest.err;
	err = err ?: pm_mm_restore_end(mm);
	err = err ?: pm_team_order(thread, PM_ORDER_RESTORE);
	err = err ?: pm_state_restore(thread, &thread->part);
	if (err)
		return err;
	/* it may have to be here: that its clocks go back is the lesser evil */
	err = pm_clocks_reach(proc->clocks);
	return err == -ETIMEDOUT ? 0 : err;
}

/* This thread runs at home from now on. */
static void pm_become_native(struct pm_thread *thread)
{
	pm_drop_chan(thread);
	clear_bit(PM_T_STOP, &thread->flags);
	set_syscall_work(SYSCALL_USER_DISPATCH);
}

/*
 * Bring the frozen image home. @image is consumed.
 * Return: 0; or an error with the surrogate running on.
 */
static int pm_finish_home(struct pm_thread *thread, struct pm_buf *image, struct pm_req *req,
			  u64 start)
{
	struct pm_proc *proc = thread->proc;
	struct pm_lifted lifted;
	int err;

	/* what it has unmapped elsewhere is still here for a while, and does not count */
	pm_limits_lift(&lifted);
	err = pm_restore_home(thread, image);
	pm_limits_lower(&lifted);
	pm_buf_free(image);
	if (req)
		err = err ?: pm_party_meet(req->party);
	if (err) {
		pm_mm_sink_abort(proc->mm);
		/* what relatives have unmapped meanwhile */
		pm_zap_closed(proc->mm);
		pm_state_park();
		pm_cputimers_park();
		/* pages do not come, or late: that is not the end of the program */
		return pm_resume(thread, err == -EPIPE ? -EHOSTUNREACH : err);
	}
	pm_chan_send(proc->chan, PM_MSG_RELEASE, thread->round, NULL, 0, NULL, 0);
	pm_mm_sink_commit(proc->mm);
	pm_chan_put(proc->chan);
	proc->chan = NULL;
	if (req)
		WRITE_ONCE(proc->back, req->back);
	pm_set_place(proc, proc->home, PM_DRAINING, ktime_get_ns() - start);
	pm_become_native(thread);
	return 0;
}

/* Freeze, and come home; @req NULL: of its own accord. Return: as pm_finish_home(). */
static int pm_fetch_home(struct pm_thread *thread, struct pm_req *req, u64 start)
{
	struct pm_buf *image = pm_freeze(thread, thread->proc->home, req ? req->party : NULL);

	if (IS_ERR(image)) {
		/* the source need not wait for a sink that does not come */
		pm_mm_sink_abort(thread->proc->mm);
		return pm_resume(thread, PTR_ERR(image));
	}
	return pm_finish_home(thread, image, req, start);
}

/**
 * pm_deputy_follow() - another thread conducts a move of the process, which is away
 * @thread: current's, pm_team_answer()
 *
 * Return: as pm_deputy_move().
 */
int pm_deputy_follow(struct pm_thread *thread)
{
	bool restored = false;
	int order, err;

	err = pm_freeze_own(thread, false);
	if (err == -EAGAIN || err == -EINTR)
		return 0;
	if (err)
		return err;
	if (!pm_team_park(thread, 0))
		return 0;
	for (;;) {
		order = pm_team_await(thread);
		switch (order) {
		case PM_ORDER_RESTORE:
			restored = true;
			err = thread->part.pos ? pm_state_restore(thread, &thread->part) : -EPROTO;
			pm_team_report(thread, err);
			continue;
		case PM_ORDER_GO:
			pm_adopt_chan(thread);
			break;
		case PM_ORDER_HOME:
			pm_become_native(thread);
			break;
		case PM_ORDER_STAY:
			if (restored)
				pm_state_park();
			break;
		default:
			return 0;	/* it is to die: the loop sees to it */
		}
		pm_team_report(thread, 0);
		return order == PM_ORDER_HOME;
	}
}

/* Lead, or go along with who does until that is over. 0 leads, 1 home, -EAGAIN, or an error. */
static int pm_lead_or_follow(struct pm_thread *thread)
{
	struct pm_team *team = &thread->proc->team;

	while (!pm_team_lead(thread)) {
		if (wait_event_killable(team->wait, pm_team_called(thread) ||
					!READ_ONCE(team->leader)))
			return -EINTR;
		/* the surrogate has been told to freeze: it has seen what became of that */
		if (pm_team_answer(thread))
			return pm_deputy_follow(thread) ?: -EAGAIN;
	}
	return 0;
}

/**
 * pm_deputy_come_home() - bring the process home for a reason of its own
 * @thread: current's
 * @back: for a call: the node to go to after it; otherwise 0
 *
 * A core dump, a call that only runs here. A move that somebody has asked for ends with EBUSY,
 * unless it has begun: then the process goes along with that. One that shares memory comes home
 * later, with those that it shares it with.
 * Return: 0, 1 it has come home with that other move, -EAGAIN it is not home: whatever the reason
 * was will show again; or an error: -EPIPE when the process is lost.
 */
int pm_deputy_come_home(struct pm_thread *thread, u32 back)
{
	struct pm_proc *proc = thread->proc;
	u64 start = ktime_get_ns();
	int err;

	/* it is for somebody else to ask them all */
	if (pm_has_relatives(proc)) {
		pm_proc_send_home(proc);
		return -EAGAIN;
	}
	err = pm_lead_or_follow(thread);
	if (err)
		return err;
	/* whoever prepares a move now gives up, and lets go of the memory object */
	spin_lock(&proc->lock);
	proc->coming = true;
	spin_unlock(&proc->lock);
	pm_req_finish(proc, -EBUSY, PM_WHY_COMING);
	err = mutex_lock_killable(&proc->prep);
	if (!err) {
		err = pm_mm_connect(proc->mm, proc->node, pm_proc_small(proc));
		/* it has refused pages, for now: that is not the end of the program */
		if (err == -EPIPE && !pm_chan_dead(thread->chan))
			err = -EHOSTUNREACH;
		WRITE_ONCE(proc->party, 0);
		WRITE_ONCE(proc->mm->party, 0);
		err = err ?: pm_fetch_home(thread, NULL, start);
		/* before others of its threads run, or somebody asks otherwise */
		if (!err && back) {
			pm_deputy_recall_mark(thread);
			WRITE_ONCE(proc->back, back);
		}
		mutex_unlock(&proc->prep);
	}
	spin_lock(&proc->lock);
	proc->coming = false;
	spin_unlock(&proc->lock);
	pm_team_disband(thread, err ? PM_ORDER_STAY : PM_ORDER_HOME);
	return err == -EBUSY ? -EAGAIN : err;
}

/* From one remote node to another: the image passes through here, the memory goes directly. */
static int pm_hop(struct pm_thread *thread, struct pm_req *req, u64 start)
{
	struct pm_proc *proc = thread->proc;
	struct pm_buf *image = pm_freeze(thread, req->dest, req->party);
	struct pm_files *files = NULL;
	int err;

	if (IS_ERR(image))
		return pm_resume(thread, PTR_ERR(image));
	pm_mm_offer(proc->mm, req->dest);
	err = pm_mm_file_vouch(proc->mm, image->data, image->len, &files);
	err = err ?: pm_objects_vouch(proc->mm, image->data, image->len);
	err = err ?: pm_prepare_threads(proc, req);
	err = err ?: pm_send_image(proc, req, image->data, image->len);
	pm_buf_free(image);
	if (err) {
		pm_mm_offer(proc->mm, 0);
		if (files) {
			pm_files_replace(proc->mm, files);
			pm_zap_closed(proc->mm);
		}
		/* what the new node has done wrong is not the end of the process */
		return pm_resume(thread, err == -EPIPE || err == -EPROTO ? -EHOSTUNREACH : err);
	}
	pm_files_put(files);
	pm_chan_send(proc->chan, PM_MSG_RELEASE, thread->round, NULL, 0, NULL, 0);
	pm_chan_put(proc->chan);
	proc->chan = req->chan;
	proc->trip = req->trip;
	req->chan = NULL;
	/* what the old node was told of them may have come too late for the image */
	spin_lock(&proc->lock);
	memset(proc->limits, 0, sizeof(proc->limits));
	spin_unlock(&proc->lock);
	pm_hand_out(proc, req);
	pm_adopt_chan(thread);
	pm_objects_left(proc->mm);
	pm_mm_source_commit(proc->mm, req->dest);
	/* what it has unmapped, and relatives had not */
	pm_zap_closed(proc->mm);
	pm_set_place(proc, req->dest, PM_AWAY, ktime_get_ns() - start);
	pm_see_cpu(proc, req);
	return 0;
}

/**
 * pm_deputy_move() - carry out the requested move of a process that is away
 * @thread: current's
 *
 * Return: 0 it is away (moved or not), 1 it is home, -EPIPE it is lost.
 */
int pm_deputy_move(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u64 start = ktime_get_ns();
	struct pm_req *req;
	bool home = false;
	int err = 0;

	if (!pm_team_lead(thread))
		return 0;
	req = pm_req_take(proc);
	if (req) {
		home = req->dest == proc->home;
		err = home ? pm_fetch_home(thread, req, start) : pm_hop(thread, req, start);
		if (err == -EBUSY)
			pm_leave_reason(req, PM_WHY_THREAD);
		pm_req_finish(proc, err, NULL);
	}
	pm_team_disband(thread, !req || err ? PM_ORDER_STAY : home ? PM_ORDER_HOME : PM_ORDER_GO);
	if (!err)
		return home;
	return err == -EPIPE || err == -EPROTO ? err : 0;
}
