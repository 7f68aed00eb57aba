// SPDX-License-Identifier: GPL-2.0
/*
 * Before a move: is the destination suited, and a surrogate there that waits for the image.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "fault.h"
#include "link.h"
#include "family.h"

bool pm_proc_small(struct pm_proc *proc)
{
	struct pm_memory memory;
	bool known;

	spin_lock(&proc->lock);
	/* it has not said yet how large it is where it runs */
	known = proc->state != PM_AWAY || proc->memory.pages[PM_MEM_SIZE];
	spin_unlock(&proc->lock);
	/* what is shared goes by another way */
	if (!known || READ_ONCE(proc->party))
		return false;
	pm_proc_memory(proc, &memory);
	return memory.pages[PM_MEM_ANON] <= PM_SMALL_PAGES;
}

/**
 * pm_open_thread() - the channel of a thread
 * @proc: the process
 * @node: where its surrogate is
 * @trip: number of the surrogate's stay there
 * @tid: the thread
 *
 * Context: sleeps. Return: as pm_chan_open().
 */
struct pm_chan *pm_open_thread(struct pm_proc *proc, u32 node, u64 trip, u32 tid)
{
	struct pm_open open = {
		.proc = cpu_to_le64(proc->id),
		.home = cpu_to_le32(proc->home),
		.tid = cpu_to_le32(tid),
		.tgid = cpu_to_le32(pid_nr(proc->tgid)),
		.trip = cpu_to_le64(trip),
	};

	return pm_chan_open(node, PM_CHAN_THREAD, &open);
}

/**
 * pm_prepare_threads() - thread channels for all threads that have none yet
 * @proc: the process
 * @req: the move, prepared
 *
 * Context: the asker before the process has the request, then who conducts the move. Sleeps.
 * Return: 0, -ENOMEM, or an error of pm_chan_open().
 */
int pm_prepare_threads(struct pm_proc *proc, struct pm_req *req)
{
	struct pm_thread *pos = NULL;
	struct pm_chan *chan;
	int err = 0;

	while (!err && (pos = pm_thread_next(proc, pos))) {
		if (xa_load(&req->threads, pos->tid))
			continue;
		chan = pm_open_thread(proc, req->dest, req->trip, pos->tid);
		if (IS_ERR(chan)) {
			err = PTR_ERR(chan);
			continue;
		}
		err = xa_err(xa_store(&req->threads, pos->tid, chan, GFP_KERNEL));
		if (err)
			pm_chan_drop(chan);
	}
	if (err && pos)
		pm_thread_put(pos);
	return err;
}

/**
 * pm_prepare() - have a surrogate made at @req->dest that waits for the image
 * @proc: the process
 * @req: the move
 *
 * Context: the asker, while the process runs. Sleeps.
 * Return: 0, or an error.
 */
int pm_prepare(struct pm_proc *proc, struct pm_req *req)
{
	/* it may have left before it has said that it is not fresh any more */
	bool whole = proc->node == proc->home && (READ_ONCE(proc->fresh) || pm_proc_small(proc));
	/* in this order: what is added to the second is never too much for the first */
	u64 boot = ktime_get_boottime_ns(), mono = ktime_get_ns();
	struct pm_open open = {
		.proc = cpu_to_le64(proc->id),
		.home = cpu_to_le32(proc->home),
		.tgid = cpu_to_le32(pid_nr(proc->tgid)),
		.prev = cpu_to_le32(whole ? 0 : proc->node),
		.mono = cpu_to_le64(mono),
		.boot = cpu_to_le64(boot),
		.trip = cpu_to_le64(req->trip),
		.party = cpu_to_le64(req->party ? req->party->id : 0),
	};
	struct pm_chan *chan;

	if (pm_fault(PM_FAULT_CONNECT))
		return -EHOSTUNREACH;
	chan = pm_chan_open(req->dest, PM_CHAN_PROC, &open);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	req->chan = chan;
	return pm_await(chan, PM_MSG_PREPARED) ?: pm_prepare_threads(proc, req);
}
