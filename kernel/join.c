// SPDX-License-Identifier: GPL-2.0
/*
 * The channels that deputy threads open to a surrogate, until the threads that they are for take
 * them.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "calls.h"
#include "fault.h"
#include "link.h"
#include "proc.h"

/** struct pm_join - a thread channel that no thread has taken yet */
struct pm_join_req {
	struct list_head entry;
	struct pm_chan *chan;
};

/**
 * pm_accept_thread() - a deputy thread wants to talk to a thread of a surrogate
 * @chan: the new channel
 *
 * Return: 0, -EPROTO, -ESRCH the process is not here (any more), -ENOMEM, -EBUSY.
 */
int pm_accept_thread(struct pm_chan *chan)
{
	u32 home = le32_to_cpu(chan->open.home);
	struct pm_join_req *join;
	struct pm_proc *proc;
	struct pm_chan *old;
	bool full;

	if (home != pm_link_node(chan->link) || !chan->open.tid)
		return -EPROTO;
	/* a process that is to be forked does not exist yet: it is for the one that forks it */
	proc = pm_proc_find_trip(le64_to_cpu(chan->open.from ?: chan->open.proc), home,
				 le64_to_cpu(chan->open.trip));
	if (!proc)
		return -ESRCH;
	if (chan->open.from && pm_fault(PM_FAULT_FORK_JOIN)) {
		pm_proc_put(proc);
		return -ENOMEM;
	}
	join = kzalloc(sizeof(*join), GFP_KERNEL);
	if (!join) {
		pm_proc_put(proc);
		return -ENOMEM;
	}
	join->chan = pm_chan_get(chan);
	/* of an earlier one of that id, which has ended before it could take it */
	old = pm_join_take(proc, le32_to_cpu(chan->open.tid),
			   chan->open.from ? le64_to_cpu(chan->open.proc) : 0);
	if (old)
		pm_chan_drop(old);
	spin_lock(&proc->lock);
	/* one that is still arriving forks nothing */
	full = proc->njoin >= PM_MAX_THREADS || (chan->open.from && proc->state != PM_AWAY);
	if (!full) {
		list_add_tail(&join->entry, &proc->joining);
		proc->njoin++;
	}
	spin_unlock(&proc->lock);
	if (full) {
		pm_chan_put(chan);
		kfree(join);
	}
	pm_proc_wake(proc);
	pm_proc_put(proc);
	return full ? -EBUSY : 0;
}

/* Is it the one of the thread @tid, of @child if that is not 0? */
static bool pm_join_fits(const struct pm_open *open, u32 tid, u64 child)
{
	return le32_to_cpu(open->tid) == tid &&
	       (open->from ? le64_to_cpu(open->proc) : 0) == child;
}

struct pm_chan *pm_join_take(struct pm_proc *proc, u32 tid, u64 child)
{
	struct pm_join_req *join, *found = NULL;
	struct pm_chan *chan = NULL;

	spin_lock(&proc->lock);
	list_for_each_entry(join, &proc->joining, entry) {
		if (tid && !pm_join_fits(&join->chan->open, tid, child))
			continue;
		found = join;
		list_del(&found->entry);
		proc->njoin--;
		break;
	}
	spin_unlock(&proc->lock);
	if (found)
		chan = found->chan;
	kfree(found);
	return chan;
}

/**
 * pm_join_wait() - the channel of a new thread
 * @thread: current's, which makes the new one
 * @tid: id of the new one
 * @child: number of the process that is forked, of which it is the first one; or 0
 * @timeout: jiffies, or MAX_SCHEDULE_TIMEOUT if home dies without it
 *
 * Context: sleeps, killable.
 * Return: the channel, with a reference, or ERR_PTR: -EINTR, -EPIPE, -ETIMEDOUT.
 */
struct pm_chan *pm_join_wait(struct pm_thread *thread, u32 tid, u64 child,
			     unsigned long timeout)
{
	struct pm_proc *proc = thread->proc;
	unsigned long end = jiffies + timeout;
	struct pm_chan *chan = NULL;
	long left = 0;

	while (left >= 0 && !pm_chan_dead(thread->chan)) {
		left = wait_event_killable_timeout(proc->team.wait,
						   (chan = pm_join_take(proc, tid, child)), HZ);
		if (chan)
			return chan;
		if (timeout != MAX_SCHEDULE_TIMEOUT && time_after(jiffies, end))
			return ERR_PTR(-ETIMEDOUT);
	}
	return ERR_PTR(left < 0 ? -EINTR : -EPIPE);
}

void pm_join_drop(struct pm_proc *proc)
{
	struct pm_chan *chan;

	while ((chan = pm_join_take(proc, 0, 0)))
		pm_chan_drop(chan);
}
