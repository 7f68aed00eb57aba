// SPDX-License-Identifier: GPL-2.0
/*
 * The sink: the node that the process runs on, or is about to, while pages of it are elsewhere.
 *
 *   pm_mm_connect()      channels to the sources; the process still runs at prev
 *   pm_mm_restore*()     the address space; faults are answered from here on
 *   pm_mm_sink_commit()  the process runs here: pull everything
 *   pm_mm_sink_abort()   it does not, instead of commit: forget it all
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "space.h"

/* Wait until @chan, if it is one, is served. Return: it, or ERR_PTR. */
static struct pm_chan *pm_served(struct pm_chan *chan)
{
	int err;

	if (IS_ERR(chan))
		return chan;
	err = pm_await(chan, PM_MSG_SERVING);
	if (!err)
		return chan;
	pm_chan_drop(chan);
	return ERR_PTR(err);
}

struct pm_chan *pm_served_chan(u32 node, enum pm_chan_kind kind, const struct pm_open *open)
{
	return pm_served(pm_chan_open(node, kind, open));
}

/* It is not served yet. */
static struct pm_chan *pm_source_begin(struct pm_mm *mm, u32 node, enum pm_chan_kind kind)
{
	struct pm_open open = { .proc = cpu_to_le64(mm->proc), .home = cpu_to_le32(mm->home) };

	return pm_chan_open(node, kind, &open);
}

struct pm_chan *pm_source_chan(struct pm_mm *mm, u32 node, enum pm_chan_kind kind)
{
	return pm_served(pm_source_begin(mm, node, kind));
}

static void pm_source_give_up(struct pm_chan *chan)
{
	if (IS_ERR(chan))
		return;
	pm_chan_drop(chan);
}

static int pm_source_open(struct pm_mm *mm, enum pm_source_id src, u32 node)
{
	struct pm_source *source = &mm->src[src];
	struct pm_chan *fetch, *push;
	int err;

	fetch = pm_source_begin(mm, node, PM_CHAN_FETCH);
	if (IS_ERR(fetch))
		return PTR_ERR(fetch);
	/* one round trip for both */
	push = pm_source_begin(mm, node, PM_CHAN_PUSH);
	fetch = pm_served(fetch);
	err = PTR_ERR_OR_ZERO(fetch);
	if (err)
		goto put;
	push = pm_served(push);
	err = PTR_ERR_OR_ZERO(push);
	if (err)
		goto put;
	err = -ESRCH;
	mutex_lock(&mm->lock);
	if (!pm_mm_dead(mm) && !source->fetch && !source->push) {
		source->node = node;
		source->fetch = fetch;
		source->push = push;
		source->seq = 0;
		source->stale = 0;
		source->broken = false;
		err = 0;
	}
	mutex_unlock(&mm->lock);
	if (!err)
		return 0;
put:
	pm_source_give_up(fetch);
	pm_source_give_up(push);
	return err;
}

/* How often a forked child tries to open its channel, and ms between. */
#define PM_HOME_TRIES	20
#define PM_HOME_PAUSE	100

/* A forked child misses nothing, so it opens its channel only when it needs a file. */
static int pm_source_late(struct pm_mm *mm)
{
	struct pm_source *source = &mm->src[PM_SRC_HOME];
	struct pm_chan *chan;
	int err = 0;

	lockdep_assert_held(&source->fetch_lock);
	chan = pm_source_chan(mm, mm->home, PM_CHAN_FETCH);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	mutex_lock(&mm->lock);
	if (pm_mm_dead(mm))
		err = -EPIPE;
	else
		source->fetch = pm_chan_get(chan);
	mutex_unlock(&mm->lock);
	if (err)
		pm_chan_kill(chan);
	pm_chan_put(chan);
	return err;
}

struct pm_chan *pm_source_home(struct pm_mm *mm)
{
	struct pm_source *source = &mm->src[PM_SRC_HOME];
	struct pm_chan *chan;
	int err = 0, tries = 0;

	while (!(chan = pm_mm_chan(mm, &source->fetch))) {
		if (pm_mm_dead(mm) || mm->home == pm_self_id())
			return ERR_PTR(-EPIPE);
		if (mutex_lock_killable(&source->fetch_lock))
			return ERR_PTR(-EINTR);
		if (!READ_ONCE(source->fetch))
			err = pm_source_late(mm);
		mutex_unlock(&source->fetch_lock);
		if (err == -EINTR || (err && ++tries >= PM_HOME_TRIES))
			return ERR_PTR(err);
		if (err)
			msleep(PM_HOME_PAUSE);
	}
	return chan;
}

/* To the home node, where there may be one for files. */
static int pm_source_open_home(struct pm_mm *mm)
{
	struct pm_source *source = &mm->src[PM_SRC_HOME];
	struct pm_chan *chan = pm_source_home(mm);
	int err = -ESRCH;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	pm_chan_put(chan);
	chan = pm_source_chan(mm, mm->home, PM_CHAN_PUSH);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	mutex_lock(&mm->lock);
	if (!pm_mm_dead(mm) && !source->push) {
		source->push = chan;
		err = 0;
	}
	mutex_unlock(&mm->lock);
	if (err)
		pm_source_give_up(chan);
	return err;
}

/**
 * pm_mm_connect_late() - open the page channels that are needed and not open
 * @mm: address space that is being restored
 *
 * For a program that was expected to need none of them.
 * Context: sleeps, killable. Return: 0, -ESRCH the address space is dead, or as pm_mm_connect().
 */
int pm_mm_connect_late(struct pm_mm *mm)
{
	struct pm_source *prev = &mm->src[PM_SRC_PREV];
	int err = 0;

	if (READ_ONCE(mm->map.left[PM_SRC_PREV]) && !prev->push)
		err = pm_source_open(mm, PM_SRC_PREV, prev->node);
	if (!err && READ_ONCE(mm->map.left[PM_SRC_HOME]) && !mm->src[PM_SRC_HOME].push)
		err = pm_source_open_home(mm);
	return err;
}

/**
 * pm_mm_connect() - open the page channels to the sources
 * @mm: address space
 * @prev: node that runs the process now; 0: home, and it is expected to need no pages
 * @later: open none of them yet, for the same reason
 *
 * To @prev, and to the home node unless that is @prev or this node. The sources know of this sink
 * when it returns: none of them takes it for gone before it has begun.
 * Context: any task, sleeps, killable, before the freeze.
 * Return: 0, -ESRCH the address space is dead, or an error of pm_chan_open() or pm_await().
 */
int pm_mm_connect(struct pm_mm *mm, u32 prev, bool later)
{
	int i, err = 0;

	pm_mm_sources_close(mm);
	for (i = 0; i < PM_SRCS; i++)
		WRITE_ONCE(mm->src[i].broken, false);
	mm->src[PM_SRC_HOME].node = mm->home;
	mm->src[PM_SRC_PREV].node = prev != mm->home ? prev : 0;
	if (!prev || later)
		return 0;
	if (prev != mm->home)
		err = pm_source_open(mm, PM_SRC_PREV, prev);
	if (!err && mm->home != pm_self_id())
		err = pm_source_open(mm, PM_SRC_HOME, mm->home);
	if (err)
		pm_mm_sources_close(mm);
	return err;
}

/**
 * pm_mm_sink_commit() - the process runs here from now on
 * @mm: address space, restored
 *
 * Context: may sleep, does not wait for the network.
 */
void pm_mm_sink_commit(struct pm_mm *mm)
{
	pm_objects_unguard(mm, true);
	clear_bit(PM_MM_AWAY, &mm->flags);
	/* home: the mappings themselves keep them open now */
	pm_files_drop(mm);
	mutex_lock(&mm->lock);
	mm->sink = 0;
	mutex_unlock(&mm->lock);
	pm_mm_servers_kill(mm);
	set_bit(PM_MM_SINK, &mm->flags);
	wake_up_all(&mm->wait);
}

/**
 * pm_mm_sink_abort() - the process does not come here after all
 * @mm: address space, connected and perhaps restored
 *
 * At home, the pages that never left are still there and are served on.
 * Context: sleeps until the pullers are gone; no locks held.
 */
void pm_mm_sink_abort(struct pm_mm *mm)
{
	pm_mm_sources_close(mm);
	wait_event(mm->wait, !atomic_read(&mm->pullers));
	pm_uffd_disarm(mm);
	pm_map_forget(&mm->map, 0, PM_ADDR_END);
	wake_up_all(&mm->wait);
	pm_mm_restore_cancel(mm);
	if (mm->home == pm_self_id()) {
		set_bit(PM_MM_AWAY, &mm->flags);
		pm_zap_try(mm);
	}
}

/*
 * Nothing that we want is at prev (@home: nor at home), or there is no hope. When nothing is
 * left anywhere, mappings are not watched either.
 */
static bool pm_mm_settled(struct pm_mm *mm, bool home)
{
	if (pm_mm_dead(mm) || mm->src[PM_SRC_PREV].broken)
		return true;
	if (READ_ONCE(mm->map.left[PM_SRC_PREV]))
		return false;
	if (!READ_ONCE(mm->map.left[PM_SRC_HOME]))
		return !READ_ONCE(mm->uffd_ctx);
	return !home || mm->src[PM_SRC_HOME].broken;
}

static int pm_mm_settle(struct pm_mm *mm, bool home, long timeout)
{
	long left = wait_event_killable_timeout(mm->wait, pm_mm_settled(mm, home), timeout);

	if (left <= 0)
		return left ? -EINTR : -ETIMEDOUT;
	if (READ_ONCE(mm->map.left[PM_SRC_PREV]))
		return -EPIPE;
	return home && READ_ONCE(mm->map.left[PM_SRC_HOME]) ? -EPIPE : 0;
}

/**
 * pm_mm_drain() - sink: wait until nothing is left at prev
 * @mm: address space, committed
 * @timeout: jiffies, may be MAX_SCHEDULE_TIMEOUT
 *
 * Context: sleeps, killable.
 * Return: 0, -EINTR, -ETIMEDOUT, -EPIPE when prev went away with pages.
 */
int pm_mm_drain(struct pm_mm *mm, long timeout)
{
	return pm_mm_settle(mm, false, timeout);
}

/**
 * pm_mm_drain_all() - sink: wait until everything is here
 * @mm: address space, committed
 *
 * Context: sleeps, killable. Return: as pm_mm_drain().
 */
int pm_mm_drain_all(struct pm_mm *mm)
{
	return pm_mm_settle(mm, true, MAX_SCHEDULE_TIMEOUT);
}

bool pm_mm_drained(struct pm_mm *mm)
{
	return !READ_ONCE(mm->map.left[PM_SRC_PREV]) &&
	       (READ_ONCE(mm->map.left[PM_SRC_HOME]) || !READ_ONCE(mm->uffd_ctx));
}

/**
 * pm_userfault_ours() - does this userfault belong to an address space of ours?
 * @vmf: the fault
 *
 * Context: any, does not sleep.
 */
bool pm_userfault_ours(struct vm_fault *vmf)
{
	return pm_mm_watches(vmf->vma->vm_mm, vmf->vma->vm_userfaultfd_ctx.ctx);
}

/* A page is gone for good: the program can't go on. */
static void pm_mm_lost(struct pm_mm *mm, int src, unsigned long addr)
{
	pr_warn_ratelimited("process %llu: page %lx is lost with node %u: killed\n", mm->proc, addr,
			    mm->src[src].node);
	if (current->mm == mm->mm)
		send_sig(SIGKILL, current, 1);
}

/* The page @addr is missing. The locking follows handle_userfault(). */
static vm_fault_t pm_fault_missing(struct pm_mm *mm, int src, struct vm_fault *vmf,
				   unsigned long addr)
{
	bool retry = vmf->flags & FAULT_FLAG_ALLOW_RETRY;
	int err;

	if (READ_ONCE(mm->src[src].broken)) {
		pm_mm_lost(mm, src, addr);
		return VM_FAULT_SIGBUS;
	}
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY;
	if (retry)
		pm_fault_unlock(vmf);
	err = pm_fetch_page(mm, addr, !retry);
	if (retry)
		return VM_FAULT_RETRY;
	return err && err != -EAGAIN ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

/**
 * pm_handle_userfault() - stands in for handle_userfault() where pm_userfault_ours()
 * @vmf: the fault, on a page that is not there in an anonymous or a shared mapping
 * @reason: VM_UFFD_MISSING
 *
 * Context: a page fault with mmap_lock held for reading, of a task of the address space or of
 * somebody who looks at it. Sleeps for the network without mmap_lock; who can't retry
 * (ptrace and the like) waits with it. Unlike the original it serves exiting tasks, which
 * have a futex of the program to wake.
 * Return: VM_FAULT_RETRY with mmap_lock released (kept for RETRY_NOWAIT), else VM_FAULT_NOPAGE,
 * VM_FAULT_OOM or VM_FAULT_SIGBUS.
 */
vm_fault_t pm_handle_userfault(struct vm_fault *vmf, unsigned long reason)
{
	unsigned long addr;
	struct pm_mm *mm;
	vm_fault_t ret;
	int src, err;

	if (current->flags & PF_DUMPCORE)
		return VM_FAULT_SIGBUS;
	mm = pm_mm_find(vmf->vma->vm_mm);
	if (!mm)
		return VM_FAULT_NOPAGE;
	if (READ_ONCE(mm->restore)) {	/* only strangers look at it now */
		pm_mm_put(mm);
		return VM_FAULT_SIGBUS;
	}
	addr = pm_page_addr(mm, vmf->vma, vmf->address);
	src = pm_map_where(&mm->map, addr);
	if (src >= 0) {
		ret = pm_fault_missing(mm, src, vmf, addr);
	} else {
		err = pm_install_zero(vmf->vma, vmf->address & PAGE_MASK,
				      vmf->flags & FAULT_FLAG_WRITE);
		ret = err && err != -EEXIST ? vmf_error(err) : VM_FAULT_NOPAGE;
	}
	pm_mm_put(mm);
	return ret;
}
