// SPDX-License-Identifier: GPL-2.0
/*
 * The threads of a process on one node act as one.
 *
 * A move needs all of them at their boundary to user mode. The first that gets there leads: it
 * calls the others together, and each that arrives parks and waits for orders. An order is
 * carried out by each in its own context, since only a task itself can change what it is, and
 * reported. The last order (STAY, GO, HOME) ends it:
 *
 *	leader		lead	call	gather		order	...	disband
 *	others			park	await		report	...	report
 *
 * A leader that gives up while some are still on their way leaves no trace with those: they find
 * that nobody calls any more. All of this is under pm_proc.lock; a thread that is about to
 * exit is waited for until it has let go of the address space, which is the last that it does
 * with memory.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "proc.h"

/* How often those who have not come are kicked again. */
#define PM_GATHER_PERIOD	(HZ / 20)

/* A new order is there. Those who are still on their way may wait for a message instead. */
static void pm_team_announce(struct pm_proc *proc, enum pm_order order)
{
	struct pm_team *team = &proc->team;
	struct pm_thread *thread;

	lockdep_assert_held(&proc->lock);
	WRITE_ONCE(team->order, order);
	WRITE_ONCE(team->step, team->step + 1);
	team->busy = team->parked;
	wake_up_all(&team->wait);
	list_for_each_entry(thread, &proc->threads, entry)
		if (!test_bit(PM_T_PARKED, &thread->flags) && thread->chan)
			wake_up_all(&thread->chan->wait);
}

bool pm_team_lead(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	struct pm_team *team = &proc->team;
	bool mine;

	spin_lock(&proc->lock);
	mine = !team->leader;
	if (mine) {
		/* home numbers the moves */
		if (proc->role == PM_DEPUTY)
			thread->round = ++proc->round;
		team->leader = thread;
		WRITE_ONCE(team->round, thread->round);
		team->target = 0;
		team->err = 0;
		/* those who come next must not find that nobody calls */
		if (proc->role == PM_SURROGATE)
			pm_team_announce(proc, PM_ORDER_GATHER);
	}
	spin_unlock(&proc->lock);
	return mine;
}

bool pm_team_called(const struct pm_thread *thread)
{
	const struct pm_team *team = &thread->proc->team;

	return READ_ONCE(team->order) == PM_ORDER_GATHER && READ_ONCE(team->leader) != thread;
}

bool pm_team_answer(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	bool called;

	spin_lock(&proc->lock);
	called = pm_team_called(thread);
	if (called)
		thread->round = proc->team.round;
	spin_unlock(&proc->lock);
	return called;
}

bool pm_team_waits(const struct pm_thread *thread)
{
	return pm_team_called(thread) && READ_ONCE(thread->proc->team.round) == thread->round;
}

static void pm_team_kick(struct pm_proc *proc)
{
	struct pm_thread *thread;

	spin_lock(&proc->lock);
	list_for_each_entry(thread, &proc->threads, entry)
		if (thread->task != current && !test_bit(PM_T_PARKED, &thread->flags))
			pm_thread_kick(thread);
	spin_unlock(&proc->lock);
}

/* Tasks of the process that use its memory and are not parked, without current. */
static unsigned int pm_team_missing(void)
{
	struct pm_thread *thread;
	struct task_struct *task;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_thread(current, task) {
		if (task == current || !READ_ONCE(task->mm))
			continue;
		thread = pm_thread_find(task);
		if (!thread || !test_bit(PM_T_PARKED, &thread->flags))
			n++;
		if (thread)
			pm_thread_put(thread);
	}
	rcu_read_unlock();
	return n;
}

/* The process channel has something to say to a leader who still waits for others. */
static bool pm_team_interrupted(struct pm_proc *proc)
{
	return proc->role == PM_SURROGATE && pm_chan_readable(proc->chan) &&
	       proc->state == PM_AWAY;
}

void pm_team_call(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	spin_lock(&proc->lock);
	pm_team_announce(proc, PM_ORDER_GATHER);
	spin_unlock(&proc->lock);
	pm_team_kick(proc);
}

int pm_team_gather(struct pm_thread *thread, unsigned long timeout)
{
	struct pm_proc *proc = thread->proc;
	struct pm_team *team = &proc->team;
	unsigned long end = jiffies + timeout;
	unsigned int missing;
	long left;

	for (;;) {
		if (proc->role == PM_DEPUTY && pm_team_adopt(proc, current))
			return -ENOMEM;
		missing = pm_team_missing();
		if (!missing)
			break;
		if (pm_team_interrupted(proc))
			return -EAGAIN;
		if (timeout != MAX_SCHEDULE_TIMEOUT && time_after(jiffies, end))
			return -EBUSY;
		spin_lock(&proc->lock);
		team->target = team->parked + missing;
		spin_unlock(&proc->lock);
		pm_team_kick(proc);
		left = wait_event_killable_timeout(team->wait, team->parked >= team->target ||
						   pm_team_interrupted(proc), PM_GATHER_PERIOD);
		if (left < 0)
			return -EINTR;
	}
	return READ_ONCE(team->err);
}

int pm_team_order(struct pm_thread *thread, enum pm_order order)
{
	struct pm_proc *proc = thread->proc;
	struct pm_team *team = &proc->team;

	spin_lock(&proc->lock);
	team->err = 0;
	pm_team_announce(proc, order);
	spin_unlock(&proc->lock);
	/* they work on what is the leader's: even one that is to die waits till they are done */
	wait_event(team->wait, !READ_ONCE(team->busy));
	return READ_ONCE(team->err);
}

void pm_team_disband(struct pm_thread *thread, enum pm_order order)
{
	struct pm_proc *proc = thread->proc;

	pm_team_order(thread, order);
	spin_lock(&proc->lock);
	proc->team.leader = NULL;
	WRITE_ONCE(proc->team.order, PM_ORDER_NONE);
	spin_unlock(&proc->lock);
	wake_up_all(&proc->team.wait);
}

bool pm_team_park(struct pm_thread *thread, int err)
{
	struct pm_proc *proc = thread->proc;
	struct pm_team *team = &proc->team;
	bool called;

	spin_lock(&proc->lock);
	called = team->order == PM_ORDER_GATHER && team->round == thread->round;
	if (called) {
		set_bit(PM_T_PARKED, &thread->flags);
		thread->step = team->step;
		if (err && !team->err)
			team->err = err;
		if (++team->parked >= team->target)
			wake_up_all(&team->wait);
	}
	spin_unlock(&proc->lock);
	return called;
}

int pm_team_await(struct pm_thread *thread)
{
	struct pm_team *team = &thread->proc->team;
	int err = wait_event_killable(team->wait, READ_ONCE(team->step) != thread->step);

	spin_lock(&thread->proc->lock);
	/* its end may have to wait for that of the leader, who waits for it: a core is dumped */
	if (err)
		pm_team_leave(thread);
	else
		thread->step = team->step;
	spin_unlock(&thread->proc->lock);
	return err ? -EINTR : READ_ONCE(team->order);
}

void pm_team_report(struct pm_thread *thread, int err)
{
	struct pm_proc *proc = thread->proc;
	struct pm_team *team = &proc->team;

	spin_lock(&proc->lock);
	if (err && !team->err)
		team->err = err;
	if (team->order >= PM_ORDER_STAY && test_and_clear_bit(PM_T_PARKED, &thread->flags))
		team->parked--;
	if (!--team->busy)
		wake_up_all(&team->wait);
	spin_unlock(&proc->lock);
}

void pm_team_leave(struct pm_thread *thread)
{
	struct pm_team *team = &thread->proc->team;

	lockdep_assert_held(&thread->proc->lock);
	if (!test_and_clear_bit(PM_T_PARKED, &thread->flags))
		return;
	team->parked--;
	if (thread->step != team->step && !--team->busy)
		wake_up_all(&team->wait);
}

/* One more thread of the process; false: no memory. */
static bool pm_team_add(struct pm_proc *proc, struct task_struct *task)
{
	struct pm_thread *thread = pm_thread_find(task);

	if (!thread) {
		thread = pm_thread_new(proc, task, task_pid_nr(task));
		if (!thread)
			return false;
		pm_thread_hash(thread);
		return true;
	}
	pm_thread_put(thread);
	return true;
}

/* A thread of the group of @leader that has memory and is not known; with a reference. */
static struct task_struct *pm_team_unknown(struct task_struct *leader)
{
	struct task_struct *task, *found = NULL;
	struct pm_thread *thread;

	rcu_read_lock();
	for_each_thread(leader, task) {
		if (task->flags & PF_EXITING || !READ_ONCE(task->mm))
			continue;
		thread = pm_thread_find(task);
		if (!thread) {
			found = get_task_struct(task);
			break;
		}
		/* an exec makes a thread the first one */
		WRITE_ONCE(thread->tid, task_pid_nr(task));
		pm_thread_put(thread);
	}
	rcu_read_unlock();
	return found;
}

int pm_team_adopt(struct pm_proc *proc, struct task_struct *leader)
{
	struct task_struct *task;
	bool added = true;

	/* then its deputies make the threads, and know them from birth */
	if (READ_ONCE(proc->state) == PM_AWAY)
		return 0;
	while (added && (task = pm_team_unknown(leader))) {
		added = pm_team_add(proc, task);
		put_task_struct(task);
	}
	return added ? 0 : -ENOMEM;
}

int pm_team_collect(struct pm_thread *thread, struct pm_enc *enc)
{
	struct pm_thread *pos = NULL;
	int err = pm_enc_append(enc, &thread->image);

	while (!err && (pos = pm_thread_next(thread->proc, pos)))
		if (pos != thread && test_bit(PM_T_PARKED, &pos->flags))
			err = pm_enc_append(enc, &pos->image);
	if (err && pos)
		pm_thread_put(pos);
	return err;
}

static int pm_team_deal_one(struct pm_proc *proc, u32 tid, const struct pm_dec *part,
			    int (*wait)(struct pm_proc *proc, u32 tid))
{
	struct pm_thread *thread = pm_thread_by_tid(proc, tid);
	int err;

	if (!thread && wait) {
		err = wait(proc, tid);
		if (err)
			return err;
		thread = pm_thread_by_tid(proc, tid);
	}
	if (!thread)
		return -EPROTO;
	err = thread->part.pos ? -EPROTO : 0;
	if (!err)
		thread->part = *part;
	pm_thread_put(thread);
	return err;
}

int pm_team_deal(struct pm_proc *proc, const struct pm_buf *image, struct pm_dec *rest,
		 int (*wait)(struct pm_proc *proc, u32 tid))
{
	struct pm_thread *pos = NULL;
	const __le64 *id;
	struct pm_dec dec, part;
	const void *data;
	size_t len;
	int err = 0;
	u32 tag;

	while ((pos = pm_thread_next(proc, pos)))
		pos->part = (struct pm_dec){};
	pm_dec_init(&dec, image->data, image->len);
	*rest = dec;
	while (!err && pm_dec_next(&dec, &tag, (const void **)&id, &len) && tag == PM_TAG_TASK) {
		if (len != sizeof(*id))
			return -EPROTO;
		part = dec;
		do {
			*rest = dec;
		} while (pm_dec_next(&dec, &tag, &data, &len) &&
			 tag > PM_TAG_TASK && tag <= PM_TAG_THREAD);
		part.end = rest->pos;
		dec = *rest;
		err = pm_team_deal_one(proc, le64_to_cpu(*id), &part, wait);
	}
	return err ?: dec.err;
}
