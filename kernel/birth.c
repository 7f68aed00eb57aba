// SPDX-License-Identifier: GPL-2.0
/*
 * How a surrogate comes into being.
 *
 * The nursery's child is the first thread of the process. It makes the others, one for each
 * thread channel that home opens, with the ids that they have at home; they park at once. When
 * the image is there it rebuilds the process, lets each thread take its own part, and lets them
 * all run after home has said so. Home's first thread may have ended: then this one does too,
 * as soon as the others run.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/syscalls.h>
#include "compat.h"
#include "event.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "calls.h"
#include "family.h"
#include "space.h"

/* A predecessor with the same id may be on its way out: so long is it waited for, in jiffies. */
static int pm_clone_patiently(pid_t tid, struct kernel_clone_args *args, unsigned long patience)
{
	struct cred *cred = prepare_kernel_cred(&init_task);
	unsigned long end = jiffies + patience;
	sigset_t all, mask = current->blocked;
	int ret;

	if (!cred)
		return -ENOMEM;
	/* no signal is to make it begin again: the thread exists at home */
	sigfillset(&all);
	pm_set_blocked(&all);
	while ((ret = pm_clone_as(cred, tid, args)) == -EEXIST && time_before(jiffies, end) &&
	       !fatal_signal_pending(current))
		usleep_range(2000, 5000);
	pm_set_blocked(&mask);
	put_cred(cred);
	return ret;
}

/**
 * pm_birth_clone() - a new surrogate thread
 * @thread: current's
 * @proc: its process: that of @thread, or one that begins with it
 * @tid: its id
 * @chan: its channel, whose reference it takes over; NULL: it gets that itself
 * @args: what clone() or clone3() was called with
 * @patience: how long somebody else may still have the id, in jiffies
 *
 * Return: its id, or negative errno with @chan put.
 */
int pm_birth_clone(struct pm_thread *thread, struct pm_proc *proc, pid_t tid,
		   struct pm_chan *chan, struct kernel_clone_args *args, unsigned long patience)
{
	struct cred *cred = prepare_creds();
	struct pm_thread *fresh = NULL;
	int ret = -ENOMEM;

	if (cred && (proc != thread->proc || get_nr_threads(current) < PM_MAX_THREADS))
		fresh = pm_thread_new(proc, NULL, tid);
	if (!fresh)
		goto put_cred;
	fresh->chan = chan;
	fresh->cred = cred;
	fresh->filtered = thread->filtered;
	fresh->home_mask = current->blocked.sig[0];
	spin_lock(&thread->proc->lock);
	fresh->sched = thread->sched;
	spin_unlock(&thread->proc->lock);
	thread->newborn = fresh;
	ret = pm_clone_patiently(tid, args, patience);
	if (!thread->newborn)
		return ret;
	thread->newborn = NULL;
	fresh->chan = NULL;
	pm_thread_detach(fresh);
	cred = NULL;
put_cred:
	if (cred)
		abort_creds(cred);
	if (chan)
		pm_chan_put(chan);
	return ret;
}

/* Make threads for all channels that have joined. */
static int pm_birth_joined(struct pm_thread *thread)
{
	struct kernel_clone_args args = {
		.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS | CLONE_FILES |
			 CLONE_SYSVSEM,
	};
	struct pm_chan *chan;
	int err = 0;
	u32 tid;

	while (!err && (chan = pm_join_take(thread->proc, 0, 0))) {
		tid = le32_to_cpu(chan->open.tid);
		if (tid == thread->tid && !thread->chan)
			thread->chan = chan;
		else
			err = min(pm_birth_clone(thread, thread->proc, tid, chan, &args,
						 PM_BIRTH_PATIENCE), 0);
	}
	return err;
}

/* ---- the first thread ---- */

static bool pm_arrived(struct pm_proc *proc, u32 tid)
{
	struct pm_thread *thread = pm_thread_by_tid(proc, tid);
	bool here = thread && thread->chan;

	if (thread)
		pm_thread_put(thread);
	return here;
}

/* The thread @tid is in the image: its channel may still be on its way. */
static int pm_arrive_wait(struct pm_proc *proc, u32 tid)
{
	struct pm_thread *thread = pm_thread_current();
	unsigned long end = jiffies + PM_JOIN_TIMEOUT;
	long left;
	int err;

	while (!pm_arrived(proc, tid)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		left = wait_event_killable_timeout(proc->team.wait, READ_ONCE(proc->njoin) ||
						   pm_chan_dead(proc->chan), HZ);
		if (left < 0 || pm_chan_dead(proc->chan))
			return -EPIPE;
		err = pm_birth_joined(thread);
		if (err)
			return err;
	}
	return 0;
}

/* Wait for the image; threads are made meanwhile. Whoever asked bounds this wait. */
static struct pm_buf *pm_arrive_image(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	int err;

	for (;;) {
		if (wait_event_killable(proc->team.wait, pm_chan_readable(proc->chan) ||
					READ_ONCE(proc->njoin)))
			return ERR_PTR(-EINTR);
		err = pm_birth_joined(thread);
		if (err)
			return ERR_PTR(err);
		if (pm_chan_readable(proc->chan))
			return pm_chan_recv(proc->chan, MAX_SCHEDULE_TIMEOUT);
	}
}

/* All threads are here: become the process. */
static int pm_arrive_process(struct pm_thread *thread, const struct pm_buf *image,
			     struct pm_dec *rest)
{
	struct pm_proc *proc = thread->proc;
	struct pm_dec whole;
	const void *data;
	size_t len;
	u32 tag;
	int err;

	/* before all else it gives up what the helper may do */
	pm_dec_init(&whole, image->data, image->len);
	err = pm_state_restore_identity(thread, thread->part.pos ? thread->part : whole);
	err = err ?: pm_mm_restore_begin(proc->mm);
	while (!err && pm_dec_next(rest, &tag, &data, &len)) {
		if (tag < PM_TAG_MM)
			err = pm_state_restore_proc(proc, tag, data, len);
		else
			err = pm_mm_restore(proc->mm, tag, data, len);
	}
	err = err ?: rest->err;
	return err ?: pm_mm_restore_end(proc->mm);
}

static int pm_arrive_restore(struct pm_thread *thread, const struct pm_buf *image)
{
	struct pm_proc *proc = thread->proc;
	struct pm_dec rest;
	int err;

	if (pm_fault(PM_FAULT_RESTORE_MM))
		return -ENOMEM;
	err = pm_team_deal(proc, image, &rest, pm_arrive_wait);
	/* the first thread is here before its channel is */
	if (!err && thread->part.pos)
		err = pm_arrive_wait(proc, thread->tid);
	err = err ?: pm_team_gather(thread, PM_JOIN_TIMEOUT);
	if (err)
		return err;
	err = pm_arrive_process(thread, image, &rest);
	err = err ?: pm_team_order(thread, PM_ORDER_RESTORE);
	if (!err && thread->part.pos)
		err = pm_state_restore(thread, &thread->part);
	err = err ?: pm_clocks_reach(proc->clocks);
	memcpy(proc->comm, current->comm, sizeof(proc->comm));
	if (err)
		pm_mm_sink_abort(proc->mm);
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
	mm->party = le64_to_cpu(proc->chan->open.party);
	spin_lock(&proc->lock);
	proc->mm = mm;
	spin_unlock(&proc->lock);
	if (pm_fault(PM_FAULT_PAGE_CHANNELS))
		return -EHOSTUNREACH;
	/* those that are cloned from now on park */
	if (!pm_team_lead(thread))
		return -EBUSY;
	return pm_mm_connect(mm, prev, false);
}

/* From an empty task to the program at its boundary. Every error ends the task. */
static int pm_arrive(struct pm_thread *thread, u32 prev)
{
	struct pm_chan *chan = thread->proc->chan;
	struct pm_buf *image;
	int err = pm_arrive_prepare(thread, prev);

	if (err)
		return err;
	err = pm_fault_send(chan, PM_FAULT_PREPARED_LOST, PM_MSG_PREPARED, NULL, 0);
	if (err)
		return err;
	image = pm_arrive_image(thread);
	if (IS_ERR(image))
		return PTR_ERR(image);
	err = image->type == PM_MSG_IMAGE ? pm_arrive_restore(thread, image) : -EPROTO;
	pm_buf_free(image);
	err = err ?: pm_fault_send(chan, PM_FAULT_READY_LOST, PM_MSG_READY, NULL, 0);
	/* others of the same move may take longer */
	return err ?: pm_await_for(chan, PM_MSG_RUN, 2 * PM_PARTY_TIMEOUT);
}

/* ---- every thread ---- */

/* Softirq: home has sent something, or is gone. */
static void pm_surrogate_wake(void *arg)
{
	struct pm_thread *thread = arg;

	if (!test_bit(PM_T_CALLING, &thread->flags))
		pm_thread_kick(thread);
}

void pm_surrogate_leave(struct pm_thread *thread)
{
	if (thread->chan)
		pm_chan_set_kick(thread->chan, NULL, NULL);
	/* its memory may be elsewhere: the exit has nothing to write into it */
	pm_state_park();
	pm_syscall6(__NR_exit, 0, 0, 0, 0, 0, 0);
}

/* The process runs here: so does the thread, if it has not ended at home meanwhile. */
void pm_surrogate_go(struct pm_thread *thread, bool lives)
{
	if (!lives) {
		pm_surrogate_leave(thread);
		return;
	}
	set_syscall_work(SYSCALL_USER_DISPATCH);
	/* a signal that is raised here, by a timer, ends nobody before home has been asked */
	spin_lock_irq(&pm_sighand()->siglock);
	siginitsetinv(&current->real_blocked, sigmask(SIGKILL) | sigmask(SIGSTOP));
	spin_unlock_irq(&pm_sighand()->siglock);
	pm_chan_set_kick(thread->chan, pm_surrogate_wake, thread);
	/* a message may have come before the notification was there */
	pm_thread_kick(thread);
}

/**
 * pm_surrogate_born() - a thread that another one has made
 * @thread: current's
 *
 * Context: task work, its own task, before it has ever been in user mode. Does not return unless it
 * is to run, or to die.
 */
void pm_surrogate_born(struct pm_thread *thread)
{
	sigset_t mask = { .sig = { thread->home_mask } };
	bool lives;
	int err;

	pm_set_blocked(&mask);
	/* it was cloned with the rights that it takes to choose its id */
	if (thread->cred)
		commit_creds(thread->cred);
	thread->cred = NULL;
	if (thread->proc->birth) {
		pm_surrogate_forked(thread);
		return;
	}
	/* of a running process */
	if (thread->proc->state == PM_AWAY) {
		pm_surrogate_go(thread, true);
		return;
	}
	if (!pm_team_park(thread, 0))
		pm_surrogate_die(thread, NULL);
	for (;;) {
		switch (pm_team_await(thread)) {
		case PM_ORDER_RESTORE:
			err = 0;
			if (thread->part.pos)
				err = pm_state_restore_identity(thread, thread->part) ?:
				      pm_state_restore(thread, &thread->part);
			pm_team_report(thread, err);
			break;
		case PM_ORDER_GO:
			lives = thread->part.pos;
			thread->part.pos = NULL;
			pm_team_report(thread, 0);
			pm_surrogate_go(thread, lives);
			return;
		default:
			pm_surrogate_die(thread, NULL);
			return;
		}
	}
}

/**
 * pm_surrogate_start() - the nursery's child becomes the first thread of a process
 * @thread: current's
 * @prev: node that holds the memory now
 *
 * Context, return: as pm_surrogate_born().
 */
void pm_surrogate_start(struct pm_thread *thread, u32 prev)
{
	struct pm_proc *proc = thread->proc;
	struct pm_failed failed = {};
	bool lives;
	int err;

	pm_thread_hash(thread);
	pm_chan_set_kick(proc->chan, pm_proc_wake, proc);
	err = pm_arrive(thread, prev);
	if (err) {
		failed.err = cpu_to_le32(-err);
		pm_chan_send(proc->chan, PM_MSG_FAILED, 0, &failed, sizeof(failed), NULL, 0);
		pm_surrogate_die(thread, NULL);
	}
	pm_mm_sink_commit(proc->mm);
	pm_count_guest(true);
	pm_guests_add(1);
	proc->guest = true;
	pm_usage_watch();
	if (pm_fault_send(proc->chan, PM_FAULT_RUNNING_LOST, PM_MSG_RUNNING, NULL, 0))
		pm_surrogate_die(thread, NULL);
	lives = thread->part.pos;
	thread->part.pos = NULL;
	/* of threads that ended before they could come: their ids may be used again */
	pm_join_drop(proc);
	spin_lock(&proc->lock);
	proc->state = PM_AWAY;
	spin_unlock(&proc->lock);
	pm_team_disband(thread, PM_ORDER_GO);
	pm_surrogate_go(thread, lives);
}
