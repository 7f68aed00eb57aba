// SPDX-License-Identifier: GPL-2.0
/*
 * A process leaves home: all its threads come to their boundary, one of them sends the image,
 * and when the other node says that the program runs there they are deputies.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/ptrace.h>
#include "fault.h"
#include "image.h"
#include "link.h"
#include "deputy.h"
#include "family.h"
#include "space.h"

#define PM_HOT_PAGES	64
/* How long the threads may take to pass their boundary. */
#define PM_GATHER_TIMEOUT	HZ

/* This thread is a deputy now. */
static void pm_become_deputy(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	pm_adopt_chan(thread);
	pm_state_park();
	current_pt_regs()->orig_ax = -1;
	/* it may have left in a 32-bit call: those that it makes for the program are not */
	current_thread_info()->status &= ~TS_COMPAT;
	clear_syscall_work(SYSCALL_USER_DISPATCH);
	spin_lock(&proc->lock);
	if (test_and_clear_bit(PM_T_RECALL, &thread->flags) ||
	    test_and_clear_bit(PM_T_RECALLED, &thread->flags))
		proc->recalls--;
	spin_unlock(&proc->lock);
}

/* What has changed since the move was prepared; from here on it changes no more. */
static int pm_leave_check(struct pm_proc *proc, struct pm_req *req)
{
	if (!pm_mm_belongs(proc->mm, current) || !pm_mm_drained(proc->mm)) {
		pm_leave_reason(req, PM_WHY_EXEC);
		return -EBUSY;
	}
	return pm_can_leave(req->party ? req->party->id : 0, pm_leave_reason, req) ?
	       -EOPNOTSUPP : 0;
}

static int pm_leave_capture(struct pm_thread *thread, struct pm_req *req, struct pm_enc *enc)
{
	struct pm_proc *proc = thread->proc;
	int err = pm_team_collect(thread, enc);

	err = err ?: pm_state_capture_proc(proc, enc);
	if (!err && pm_fault(PM_FAULT_CAPTURE_MM))
		err = -ENOMEM;
	return err ?: pm_mm_capture(proc->mm, enc, current_pt_regs()->sp, PM_HOT_PAGES,
				    req->party ? req->party->id : 0);
}

/* Gather all threads and send them off. Return: 0 they run there. */
static int pm_leave_together(struct pm_thread *thread, struct pm_req *req)
{
	u64 party = req->party ? req->party->id : 0;
	struct pm_proc *proc = thread->proc;
	struct pm_enc enc;
	int err;

	pm_team_call(thread);
	err = pm_state_capture(thread, &thread->image);
	err = err ?: pm_team_gather(thread, PM_GATHER_TIMEOUT);
	if (err == -EBUSY)
		pm_leave_reason(req, PM_WHY_THREAD);
	if (!err)
		WRITE_ONCE(proc->mm->stopped, party);
	err = err ?: pm_party_meet(req->party);
	err = err ?: pm_leave_check(proc, req);
	err = err ?: pm_prepare_threads(proc, req);
	if (err)
		return err;
	pm_mm_offer(proc->mm, req->dest);
	pm_enc_init(&enc);
	err = pm_leave_capture(thread, req, &enc);
	/* a relative that was forked meanwhile is part of the next try */
	if (err == -EBUSY && req->party)
		err = -EAGAIN;
	err = err ?: pm_send_image(proc, req, enc.buf, enc.len);
	pm_enc_free(&enc);
	if (err)
		pm_mm_source_abort(proc->mm);
	return err;
}

/**
 * pm_deputy_leave() - carry out the requested move of a process that is at home
 * @thread: current's
 *
 * Return: 0 when it is away, or an error after which it runs on here.
 */
int pm_deputy_leave(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u64 start = ktime_get_ns();
	struct pm_req *req;
	int err;

	if (!pm_team_lead(thread))
		return -EBUSY;
	req = pm_req_take(proc);
	err = req ? pm_leave_together(thread, req) : -ESRCH;
	pm_enc_free(&thread->image);
	if (!err) {
		proc->chan = req->chan;
		proc->trip = req->trip;
		req->chan = NULL;
		pm_hand_out(proc, req);
		pm_become_deputy(thread);
		pm_cputimers_park();
		pm_mm_source_commit(proc->mm, req->dest);
		pm_set_place(proc, req->dest, PM_AWAY, ktime_get_ns() - start);
		pm_see_cpu(proc, req);
	}
	/* the next leader finds this move finished */
	if (req)
		pm_req_finish(proc, err, NULL);
	pm_team_disband(thread, err ? PM_ORDER_STAY : PM_ORDER_GO);
	return err;
}

/**
 * pm_deputy_leave_along() - the same, when another thread conducts it
 * @thread: current's
 *
 * Return: as pm_deputy_leave().
 */
int pm_deputy_leave_along(struct pm_thread *thread)
{
	int err, order;

	/* the leader may still be copying what it has captured before */
	if (fatal_signal_pending(current) || !pm_team_answer(thread))
		return -EBUSY;
	err = pm_state_capture(thread, &thread->image);
	order = pm_team_park(thread, err) ? pm_team_await(thread) : -EBUSY;
	if (order == PM_ORDER_GO)
		pm_become_deputy(thread);
	if (order >= 0)
		pm_team_report(thread, 0);
	/* of one that is to die the leader may be copying it: it goes with the thread */
	if (order != -EINTR)
		pm_enc_free(&thread->image);
	return order == PM_ORDER_GO ? 0 : -EBUSY;
}
