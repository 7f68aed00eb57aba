// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of a move, in the context of the deputy, who alone decides where the process runs.
 *
 *   home -> A	capture here, IMAGE -> A, READY <- A, RUN -> A, RUNNING <- A		(leave)
 *   A -> home	FREEZE -> A, IMAGE <- A, restore here, RELEASE -> A		(come home)
 *   A -> B	FREEZE -> A, IMAGE <- A, IMAGE -> B, READY <- B, RUN -> B, RUNNING <- B,
 *		RELEASE -> A							(hop)
 *
 * The move is committed by RUNNING, or at home by the completed restore. Whatever fails before that
 * leaves the process where it was (RESUME -> A). A surrogate that has been told to run and cannot
 * say so any more has done nothing that anybody saw, for all its effects pass through here, and it
 * dies when it finds its channel closed.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>
#include "compat.h"
#include "event.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "proc.h"

#define PM_HOT_PAGES	64

static void pm_set_place(struct pm_proc *proc, u32 node, enum pm_state state, u64 freeze_ns)
{
	struct pm_info info;

	spin_lock(&proc->lock);
	proc->node = node;
	proc->state = state;
	proc->moves++;
	proc->freeze_ns = freeze_ns;
	spin_unlock(&proc->lock);
	pm_proc_info(proc, &info);
	pm_event_proc(state == PM_AWAY ? PROCMIG_EV_MOVED : PROCMIG_EV_HOME, &info, 0);
}

/* Give the image to a prepared surrogate and commit. On error the channel is useless. */
static int pm_send_image(struct pm_chan *chan, const void *image, size_t len)
{
	int err;

	if (pm_fault(PM_FAULT_IMAGE_LOST))
		pm_chan_kill(chan);
	err = pm_chan_send(chan, PM_MSG_IMAGE, 0, image, len, NULL, 0);
	err = err ?: pm_await(chan, PM_MSG_READY);
	if (err)
		return err;
	if (pm_fault(PM_FAULT_RUN_LOST))
		pm_chan_kill(chan);
	err = pm_chan_send(chan, PM_MSG_RUN, 0, NULL, 0, NULL, 0);
	return err ?: pm_await(chan, PM_MSG_RUNNING);
}

/*
 * Begin with the move that is asked for. NULL if there is none any more: the asker has given up, or
 * the process has come home by itself after the move had been prepared.
 */
static struct pm_req *pm_req_take(struct pm_proc *proc)
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

/* The channel of @req is the thread's from now on. */
static void pm_adopt_chan(struct pm_thread *thread, struct pm_req *req)
{
	thread->chan = req->chan;
	req->chan = NULL;
	thread->sig_seen = 0;
	thread->sig_sent = 0;
	memset(&thread->usage, 0, sizeof(thread->usage));
	/* the surrogate's own clock began to run when it was prepared */
	thread->since = ktime_get_ns() - 60ULL * NSEC_PER_SEC;
	clear_bit(PM_T_STOP, &thread->flags);
}

static void pm_drop_chan(struct pm_thread *thread)
{
	struct pm_chan *chan = thread->chan;

	thread->chan = NULL;
	pm_chan_put(chan);
}

static void pm_leave_reason(void *arg, const char *text)
{
	struct pm_req *req = arg;

	if (!*req->why)
		strscpy(req->why, text, sizeof(req->why));
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
	struct pm_req *req = pm_req_take(proc);
	u64 start = ktime_get_ns();
	struct pm_enc enc;
	int err;

	if (!req)
		return -ESRCH;
	if (!pm_mm_belongs(proc->mm, current) || !pm_mm_drained(proc->mm)) {
		pm_req_finish(proc, -EBUSY, "it has just started another program");
		return -EBUSY;
	}
	/* what has changed since the move was prepared; from here on it changes no more */
	if (pm_can_move(current, pm_leave_reason, req)) {
		pm_req_finish(proc, -EOPNOTSUPP, NULL);
		return -EOPNOTSUPP;
	}
	pm_mm_offer(proc->mm, req->dest);
	pm_enc_init(&enc);
	err = pm_state_capture(thread, &enc);
	if (!err && pm_fault(PM_FAULT_CAPTURE_MM))
		err = -ENOMEM;
	err = err ?: pm_mm_capture(proc->mm, &enc, current_pt_regs()->sp, PM_HOT_PAGES);
	err = err ?: pm_send_image(req->chan, enc.buf, enc.len);
	pm_enc_free(&enc);
	if (err) {
		pm_mm_source_abort(proc->mm);
		pm_req_finish(proc, err, NULL);
		return err;
	}
	pm_adopt_chan(thread, req);
	pm_state_park();
	current_pt_regs()->orig_ax = -1;
	pm_mm_source_commit(proc->mm, req->dest);
	pm_set_place(proc, req->dest, PM_AWAY, ktime_get_ns() - start);
	pm_req_finish(proc, 0, NULL);
	return 0;
}

/*
 * Freeze the surrogate and get its image. What it had sent before is handled first: a call is
 * answered by "again", so that it comes in the image.
 */
static struct pm_buf *pm_freeze(struct pm_thread *thread, u32 dest)
{
	struct pm_freeze freeze = { .dest = cpu_to_le32(dest) };
	struct pm_buf *buf;
	int err;

	set_bit(PM_T_FREEZE, &thread->flags);
	err = pm_chan_send(thread->chan, PM_MSG_FREEZE, 0, &freeze, sizeof(freeze), NULL, 0);
	while (!err) {
		buf = pm_chan_recv(thread->chan, MAX_SCHEDULE_TIMEOUT);
		if (PTR_ERR_OR_ZERO(buf) == -ENOMEM) {
			/* only an image is so large: it stays where it is */
			err = pm_chan_send(thread->chan, PM_MSG_RESUME, 0, NULL, 0, NULL, 0);
			buf = ERR_PTR(err ?: -EAGAIN);
			goto out;
		}
		if (IS_ERR(buf) || buf->type == PM_MSG_IMAGE)
			goto out;
		if (buf->type == PM_MSG_FAILED)
			err = -EAGAIN;
		else if (buf->type == PM_MSG_FATAL || buf->type == PM_MSG_RECALL)
			err = 0;	/* it waits for just this freeze */
		else
			err = pm_deputy_hold(thread, buf);
		pm_buf_free(buf);
	}
	buf = ERR_PTR(err < 0 ? err : -EPROTO);
out:
	clear_bit(PM_T_FREEZE, &thread->flags);
	/* the source need not wait for a sink that does not come */
	if (IS_ERR(buf) && dest == thread->proc->home)
		pm_mm_sink_abort(thread->proc->mm);
	return buf;
}

static int pm_restore_home(struct pm_thread *thread, const struct pm_buf *image)
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
	pm_scratch_free(&thread->scratch);
	err = pm_mm_restore_begin(mm);
	if (err)
		return err;
	pm_dec_init(&dec, image->data, image->len);
	while (!err && pm_dec_next(&dec, &tag, &data, &len)) {
		if (tag < PM_TAG_MM)
			err = pm_state_restore(thread, &state, tag, data, len);
		else
			err = pm_mm_restore(mm, tag, data, len);
	}
	err = err ?: dec.err;
	err = err ?: pm_mm_restore_end(mm);
	err = err ?: pm_state_restore_end(thread, &state);
	if (err)
		return err;
	/* the restart block here has pointed into the scratch area, not into the program */
	if (thread->restart_nr >= 0)
		pm_restart_native(thread->restart_nr, &state.thread->regs);
	thread->restart_nr = -1;
	return 0;
}

/*
 * Bring the frozen image home. @image is consumed.
 * Return: 0; or an error with the surrogate running on.
 */
static int pm_finish_home(struct pm_thread *thread, struct pm_buf *image, u64 start)
{
	struct pm_proc *proc = thread->proc;
	int err = pm_restore_home(thread, image);

	pm_buf_free(image);
	if (err) {
		pm_mm_sink_abort(proc->mm);
		pm_state_park();
		if (pm_chan_send(thread->chan, PM_MSG_RESUME, 0, NULL, 0, NULL, 0))
			return -EPIPE;
		return err;
	}
	pm_chan_send(thread->chan, PM_MSG_RELEASE, 0, NULL, 0, NULL, 0);
	pm_mm_sink_commit(proc->mm);
	pm_drop_chan(thread);
	clear_bit(PM_T_STOP, &thread->flags);
	pm_set_place(proc, proc->home, PM_DRAINING, ktime_get_ns() - start);
	clear_bit(PM_T_RECALLED, &thread->flags);
	set_syscall_work(SYSCALL_USER_DISPATCH);
	return 0;
}

/**
 * pm_deputy_come_home() - bring the process home for a reason of its own
 * @thread: current's
 *
 * A core dump, a call that only runs here. A move that somebody has asked for ends with EBUSY.
 * Return: 0, or an error: -EPIPE when the process is lost.
 */
int pm_deputy_come_home(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u64 start = ktime_get_ns();
	struct pm_buf *image;
	int err;

	/* whoever prepares a move now gives up, and lets go of the memory object */
	spin_lock(&proc->lock);
	proc->coming = true;
	spin_unlock(&proc->lock);
	pm_req_finish(proc, -EBUSY, "it is coming home by itself");
	err = mutex_lock_killable(&proc->prep);
	if (err)
		return err;
	err = pm_mm_connect(proc->mm, proc->node);
	if (!err) {
		image = pm_freeze(thread, proc->home);
		err = PTR_ERR_OR_ZERO(image);
	}
	if (!err)
		err = pm_finish_home(thread, image, start);
	spin_lock(&proc->lock);
	proc->coming = false;
	spin_unlock(&proc->lock);
	mutex_unlock(&proc->prep);
	return err;
}

/* From one remote node to another: the image passes through here, the memory goes directly. */
static int pm_hop(struct pm_thread *thread, struct pm_req *req, struct pm_buf *image, u64 start)
{
	struct pm_proc *proc = thread->proc;
	struct pm_chan *old = thread->chan;
	int err;

	pm_mm_offer(proc->mm, req->dest);
	err = pm_send_image(req->chan, image->data, image->len);
	pm_buf_free(image);
	if (err) {
		pm_mm_offer(proc->mm, 0);
		if (pm_chan_send(old, PM_MSG_RESUME, 0, NULL, 0, NULL, 0))
			return -EPIPE;
		pm_req_finish(proc, err, NULL);
		return 0;
	}
	pm_adopt_chan(thread, req);
	pm_chan_send(old, PM_MSG_RELEASE, 0, NULL, 0, NULL, 0);
	pm_mm_source_commit(proc->mm, req->dest);
	pm_chan_put(old);
	pm_set_place(proc, req->dest, PM_AWAY, ktime_get_ns() - start);
	pm_req_finish(proc, 0, NULL);
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
	struct pm_req *req = pm_req_take(proc);
	struct pm_buf *image;
	int err;

	if (!req)
		return 0;
	image = pm_freeze(thread, req->dest);
	if (IS_ERR(image)) {
		err = PTR_ERR(image);
		pm_req_finish(proc, err, NULL);
		return err == -EAGAIN || err == -EINTR ? 0 : err;
	}
	if (req->dest != proc->home)
		return pm_hop(thread, req, image, start);
	err = pm_finish_home(thread, image, start);
	pm_req_finish(proc, err, NULL);
	if (!err)
		return 1;
	return err == -EPIPE ? err : 0;
}

/* Under pm_proc.prep, which is released. */
static void __pm_deputy_settle(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	struct pm_mm *mm;

	clear_syscall_work(SYSCALL_USER_DISPATCH);
	spin_lock(&proc->lock);
	proc->state = PM_AT_HOME;
	mm = proc->mm;
	proc->mm = NULL;
	spin_unlock(&proc->lock);
	pm_thread_unhash(thread);
	mutex_unlock(&proc->prep);
	if (mm)
		pm_mm_put(mm);
	pm_thread_detach(thread);
}

/*
 * An exec gives the address space up: first all of it has to be here, for the exec may fail.
 * Whoever prepares a move meanwhile is waited for.
 */
static bool pm_deputy_exec(struct pm_thread *thread, struct pt_regs *regs)
{
	struct pm_proc *proc = thread->proc;
	int err = pm_mm_drain(proc->mm);

	if (!err)
		err = mutex_lock_killable(&proc->prep);
	if (err) {
		regs->ax = err;
		return true;
	}
	__pm_deputy_settle(thread);
	return false;
}

/**
 * pm_deputy_home_call() - a system call of a process that is home again, but not settled
 * @thread: current's
 * @regs: its registers
 *
 * Return: true when the call is done (result in @regs), false to run it as usual.
 */
bool pm_deputy_home_call(struct pm_thread *thread, struct pt_regs *regs)
{
	struct pm_proc *proc = thread->proc;

	/* the first call is the one for which it has come home */
	if (READ_ONCE(proc->back) && test_and_set_bit(PM_T_RECALLED, &thread->flags))
		pm_proc_send_back(proc);
	if (regs->orig_ax == __NR_execve || regs->orig_ax == __NR_execveat)
		return pm_deputy_exec(thread, regs);
	if (pm_mm_drained(proc->mm) && !READ_ONCE(proc->back)) {
		pm_deputy_settle(thread);
		return false;
	}
	return pm_local_call(thread, regs);
}

/**
 * pm_deputy_settle() - the process is home and nothing of it is elsewhere
 * @thread: current's
 *
 * Its counters stay until it ends; the thread's part goes, and with it the module's hold. If
 * somebody is about to move it, it stays as it is.
 */
void pm_deputy_settle(struct pm_thread *thread)
{
	if (mutex_trylock(&thread->proc->prep))
		__pm_deputy_settle(thread);
}
