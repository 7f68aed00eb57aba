// SPDX-License-Identifier: GPL-2.0
/*
 * The background of a move: one kernel thread for each source asks ahead of need for all
 * that is still missing, until nothing is left there.
 *
 * Several requests are under way at a time, so that the connection is never idle. But what is under
 * way stands before the page for which a fault waits. So it is one at first, and while there
 * are faults, which also have the connection to themselves for a while after each; it doubles
 * as long as there is none.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "link.h"
#include "space.h"

#define PM_PULL_WINDOW	8		/* requests under way at most */
#define PM_PULL_PAUSE_MIN	50	/* us without requests while there are faults */
#define PM_PULL_PAUSE_MAX	20000
#define PM_DRAINED_WAIT	(10 * HZ)	/* for the source to acknowledge the end */

/** struct pm_pull - a request that is under way */
struct pm_pull {
	u64 base;
	u64 mask;
	u32 seq;
};

/**
 * struct pm_puller - one thread
 * @mm: counted reference
 * @src: the source
 * @chan: its push channel, counted reference
 * @seq: of the last request
 * @first: the oldest request under way in @ring
 * @n: requests under way
 * @ring: the requests
 * @window: requests that may be under way
 * @faults: faults so far, as of the last answer before which there were any
 */
struct pm_puller {
	struct pm_mm *mm;
	enum pm_source_id src;
	struct pm_chan *chan;
	u32 seq;
	unsigned int first;
	unsigned int n;
	struct pm_pull ring[PM_PULL_WINDOW];
	unsigned int window;
	u64 faults;
};

static bool pm_pull_under_way(struct pm_puller *puller, u64 base)
{
	unsigned int i;

	for (i = 0; i < puller->n; i++)
		if (puller->ring[(puller->first + i) % PM_PULL_WINDOW].base == base)
			return true;
	return false;
}

/* A block in [start, end) with missing pages that are not under way; false if there is none. */
static bool pm_pull_find(struct pm_puller *puller, unsigned long start, unsigned long end,
			 u64 *base, u64 *mask)
{
	struct pm_pagemap *map = &puller->mm->map;

	for (;;) {
		start = pm_map_next(map, puller->src, start, end);
		if (start >= end)
			return false;
		*base = start & ~(PM_FETCH_PAGES * PAGE_SIZE - 1);
		*mask = pm_map_word(map, puller->src, start);
		if (*mask && !pm_pull_under_way(puller, *base))
			return true;
		start = *base + PM_FETCH_PAGES * PAGE_SIZE;
	}
}

/* Ask for one more block. Return: 0, -ENOENT nothing to ask for, or an error of the channel. */
static int pm_pull_ask(struct pm_puller *puller)
{
	unsigned long cursor = READ_ONCE(puller->mm->cursor);
	struct pm_pull *pull;
	struct pm_fetch req;
	u64 base, mask;

	if (!pm_pull_find(puller, cursor, PM_ADDR_END, &base, &mask) &&
	    !pm_pull_find(puller, 0, cursor, &base, &mask))
		return -ENOENT;
	WRITE_ONCE(puller->mm->cursor, base + PM_FETCH_PAGES * PAGE_SIZE);
	pull = &puller->ring[(puller->first + puller->n++) % PM_PULL_WINDOW];
	pull->base = base;
	pull->mask = mask;
	pull->seq = ++puller->seq;
	req.base = cpu_to_le64(base);
	req.mask = cpu_to_le64(mask);
	return pm_chan_send(puller->chan, PM_MSG_FETCH, pull->seq, &req, sizeof(req), NULL, 0);
}

/* Take the answer to the oldest request. */
static int pm_pull_take(struct pm_puller *puller)
{
	struct pm_pull *pull = &puller->ring[puller->first];
	struct pm_mm *mm = puller->mm;
	struct pm_buf *buf;
	int err;

	buf = pm_chan_recv(puller->chan, MAX_SCHEDULE_TIMEOUT);
	err = IS_ERR(buf) ? PTR_ERR(buf) : -ESRCH;
	if (!IS_ERR(buf) && buf->seq != pull->seq) {
		err = -EPROTO;
	} else if (!IS_ERR(buf) && mmget_not_zero(mm->mm)) {
		err = pm_install_pages(mm, puller->src, buf, pull->base, pull->mask, false);
		mmput_async(mm->mm);
		atomic64_add(hweight64(pull->mask), &mm->pushed);
	}
	if (!IS_ERR(buf))
		pm_buf_free(buf);
	if (err == -EPROTO)
		pm_link_drop(puller->chan->link, "malformed pages");
	puller->first = (puller->first + 1) % PM_PULL_WINDOW;
	puller->n--;
	if (err == -ENOMEM) {
		msleep(100);
		err = 0;
	}
	return err;
}

/* An answer has been taken: more next time, unless there are faults. */
static void pm_pull_pace(struct pm_puller *puller)
{
	struct pm_mm *mm = puller->mm;
	u64 faults = atomic64_read(&mm->demand), pause;

	if (!atomic_read(&mm->urgent) && faults == puller->faults) {
		puller->window = min(2 * puller->window, (unsigned int)PM_PULL_WINDOW);
		return;
	}
	puller->window = 1;
	puller->faults = faults;
	if (puller->n)
		return;
	/* as long as four faults take */
	pause = div64_u64(4 * atomic64_read(&mm->fault_ns), (faults + 1) * NSEC_PER_USEC);
	pause = clamp_t(u64, pause, PM_PULL_PAUSE_MIN, PM_PULL_PAUSE_MAX);
	usleep_idle_range(pause, pause + pause / 4);
}

static bool pm_puller_over(struct pm_puller *puller)
{
	return pm_mm_dead(puller->mm) || pm_chan_dead(puller->chan);
}

/* Ask for all that is missing, and take it. Return: 0 when nothing is left. */
static int pm_puller_run(struct pm_puller *puller)
{
	struct pm_mm *mm = puller->mm;
	int err = 0;

	while (!err && !pm_puller_over(puller)) {
		while (!test_bit(PM_MM_FROZEN, &mm->flags) &&
		       puller->n < puller->window) {
			err = pm_pull_ask(puller);
			if (err)
				break;
		}
		if (err && err != -ENOENT)
			return err;
		if (puller->n) {
			err = pm_pull_take(puller);
			pm_pull_pace(puller);
			continue;
		}
		if (err == -ENOENT && !READ_ONCE(mm->map.left[puller->src]))
			return 0;
		err = 0;
		wait_event_idle(mm->wait, !test_bit(PM_MM_FROZEN, &mm->flags) ||
				pm_puller_over(puller));
	}
	return err ?: -EPIPE;
}

/* Take a channel of our source from it; NULL if it is closed, or has been replaced. */
static struct pm_chan *pm_puller_take(struct pm_puller *puller, struct pm_chan **chan)
{
	struct pm_chan *taken = NULL;

	mutex_lock(&puller->mm->lock);
	if (puller->mm->src[puller->src].push == puller->chan)
		swap(*chan, taken);
	mutex_unlock(&puller->mm->lock);
	return taken;
}

/* @chan may be NULL. */
static void pm_puller_leave(struct pm_chan *chan, bool spare)
{
	if (chan && spare)
		pm_spare_return(chan);
	else if (chan)
		pm_chan_drop(chan);
}

/*
 * Nothing is left at the source, so nobody will ask for it: take the fetch channel, and say so on
 * it. NULL: it is dropped, for an answer is still to come, or home, that is away, serves files.
 */
static struct pm_chan *pm_puller_fetch(struct pm_puller *puller)
{
	struct pm_source *source = &puller->mm->src[puller->src];
	struct pm_chan *chan;
	bool idle;

	if (puller->src != PM_SRC_PREV)
		return NULL;
	idle = mutex_trylock(&source->fetch_lock);
	chan = pm_puller_take(puller, &source->fetch);
	if (chan && (!idle || source->stale ||
		     pm_chan_send(chan, PM_MSG_SPARE, 0, NULL, 0, NULL, 0))) {
		pm_chan_drop(chan);
		chan = NULL;
	}
	if (idle)
		mutex_unlock(&source->fetch_lock);
	return chan;
}

static bool pm_puller_acked(struct pm_chan *chan, u16 type)
{
	struct pm_buf *buf = pm_chan_recv(chan, PM_DRAINED_WAIT);
	bool acked = !IS_ERR(buf) && buf->type == type;

	if (!IS_ERR(buf))
		pm_buf_free(buf);
	return acked;
}

/*
 * Nothing is missing: tell the source that it has nothing more that we want. Not when
 * captured: the image may name pages that have come since; then the next sink tells it.
 * Waits for the acknowledgment: then the channel can be used for something else.
 * Return: false if captured.
 */
static bool pm_puller_finish(struct pm_puller *puller)
{
	struct pm_chan *fetch;
	bool acked;

	/* pairs with the one in pm_mm_capture(), which reads the map after setting the bit */
	smp_mb();
	if (test_bit(PM_MM_FROZEN, &puller->mm->flags))
		return false;
	/* first: who is drained may end at once, and close it */
	fetch = pm_puller_fetch(puller);
	acked = !pm_chan_send(puller->chan, PM_MSG_DRAINED, ++puller->seq, NULL, 0, NULL, 0) &&
		pm_puller_acked(puller->chan, PM_MSG_DRAINED_ACK);
	pm_puller_leave(fetch, fetch && pm_puller_acked(fetch, PM_MSG_SPARE));
	pm_puller_leave(pm_puller_take(puller, &puller->mm->src[puller->src].push), acked);
	return true;
}

/* The source failed us while it still had pages. */
static void pm_puller_failed(struct pm_puller *puller, int err)
{
	struct pm_mm *mm = puller->mm;
	struct pm_source *source = &mm->src[puller->src];
	bool lost;

	if (err == -ESRCH)	/* it is our own address space that has gone */
		return;
	mutex_lock(&mm->lock);
	lost = source->push == puller->chan && !pm_mm_dead(mm);
	if (lost)
		WRITE_ONCE(source->broken, true);
	mutex_unlock(&mm->lock);
	/* a home that is there has ended the process, or given it another program */
	if (source->node == mm->home && pm_link_alive(puller->chan->link))
		return;
	/* once captured, the process is probably gone, and the next sink asks for itself */
	if (lost && !test_bit(PM_MM_FROZEN, &mm->flags))
		pr_warn_ratelimited("process %llu: node %u went away with %llu of its pages (%d)\n",
				    mm->proc, source->node, READ_ONCE(mm->map.left[puller->src]),
				    err);
}

static void pm_puller_free(struct pm_puller *puller)
{
	atomic_dec(&puller->mm->pullers);
	wake_up_all(&puller->mm->wait);
	pm_chan_put(puller->chan);
	pm_mm_put(puller->mm);
	kfree(puller);
}

static int pm_puller_kthread(void *arg)
{
	struct pm_puller *puller = arg;
	struct pm_mm *mm = puller->mm;
	int err;

	wait_event_idle(mm->wait, test_bit(PM_MM_SINK, &mm->flags) || pm_puller_over(puller));
	for (;;) {
		err = pm_puller_run(puller);
		if (err) {
			pm_puller_failed(puller, err);
			break;
		}
		if (pm_puller_finish(puller))
			break;
		wait_event_idle(mm->wait, !test_bit(PM_MM_FROZEN, &mm->flags) ||
				pm_puller_over(puller));
	}
	/* in whatever way it has ended: who drains waits for this */
	if (!READ_ONCE(mm->map.left[PM_SRC_HOME]) && !READ_ONCE(mm->map.left[PM_SRC_PREV])) {
		pm_uffd_disarm(mm);
		if (!err)
			pm_huge_again(mm);
	}
	pm_puller_free(puller);
	module_put_and_kthread_exit(0);
}

/**
 * pm_puller_start() - start the thread for a source; it waits for PM_MM_SINK
 * @mm: address space
 * @src: a connected source
 *
 * Context: may sleep. Return: 0, -EPIPE not connected (any more), -ENOMEM, -EINTR.
 */
int pm_puller_start(struct pm_mm *mm, enum pm_source_id src)
{
	struct pm_puller *puller;
	struct task_struct *task;
	struct pm_chan *chan;

	chan = pm_mm_chan(mm, &mm->src[src].push);
	if (!chan)
		return -EPIPE;
	puller = kzalloc(sizeof(*puller), GFP_KERNEL);
	if (!puller) {
		pm_chan_put(chan);
		return -ENOMEM;
	}
	puller->mm = pm_mm_get(mm);
	puller->src = src;
	puller->chan = chan;
	puller->window = 1;
	atomic_inc(&mm->pullers);
	__module_get(THIS_MODULE);
	task = kthread_run(pm_puller_kthread, puller, "pm-pull/%llu", mm->proc);
	if (!IS_ERR(task))
		return 0;
	module_put(THIS_MODULE);
	pm_puller_free(puller);
	return PTR_ERR(task);
}
