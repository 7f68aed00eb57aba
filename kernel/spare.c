// SPDX-License-Identifier: GPL-2.0
/*
 * Spare channels: connections that are made, and proved, before it is known what for.
 *
 * To connect and to prove oneself takes two round trips and more computing than most of what is
 * then said: a fork or an exec would consist of little else. So who has opened a channel to a node
 * gets some more in the background, and the next ones begin with OPEN on one of these. A channel on
 * which nothing is under way any more is made one of them again, by SPARE or DRAINED.
 *
 * At the other end a spare channel has no thread. The first byte on it, or its death, queues the
 * work that reads OPEN and hands the channel on as caller.c does. A node that opens more than it
 * may loses the last ones.
 */
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "node.h"

/* When to make more: what goes on now goes on first; all of it, while there are some left. */
#define PM_SPARE_DELAY		(HZ / 50)
#define PM_SPARE_LEISURE	(HZ / 5)
#define PM_SPARE_FEW		(PM_SPARES / 2)

/* How long the peer may take for all of OPEN, once it has begun. */
#define PM_OPEN_TIMEOUT		(3 * HZ)

static struct workqueue_struct *pm_spares_wq;
/* Those that peers have opened: whatever may still queue a work holds one. */
static atomic_t pm_spares = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(pm_spares_gone);

/* ---- who opens ---- */

/* One of those that there are, or NULL. Under @link->lock. */
static struct pm_chan *pm_spare_pop(struct pm_link *link)
{
	return link->nr_spares ? link->spares[--link->nr_spares] : NULL;
}

static bool pm_spare_put_by(struct pm_link *link, struct pm_chan *chan)
{
	bool kept;

	spin_lock(&link->lock);
	kept = !link->dead && link->nr_spares < PM_SPARES_KEPT;
	if (kept)
		link->spares[link->nr_spares++] = chan;
	spin_unlock(&link->lock);
	return kept;
}

/* Make as many as are missing, one after the other. */
static void pm_spare_worker(struct work_struct *work)
{
	struct pm_link *link = container_of(to_delayed_work(work), struct pm_link, spare_work);
	static const struct pm_open none;
	struct pm_chan *chan;

	while (READ_ONCE(link->nr_spares) < PM_SPARES) {
		chan = pm_chan_connect(link, PM_CHAN_SPARE, &none);
		if (IS_ERR(chan))
			break;
		if (pm_spare_put_by(link, chan))
			continue;
		pm_chan_drop(chan);
		break;
	}
	pm_link_put(link);
}

/* Have more of them made. Under @link->lock. Return: true if that had not been asked for. */
static bool pm_spare_soon(struct pm_link *link)
{
	if (link->nr_spares == PM_SPARE_FEW)
		return !mod_delayed_work(pm_spares_wq, &link->spare_work, PM_SPARE_DELAY);
	return queue_delayed_work(pm_spares_wq, &link->spare_work,
				  link->nr_spares < PM_SPARE_FEW ? PM_SPARE_DELAY :
								   PM_SPARE_LEISURE);
}

/**
 * pm_spare_take() - a channel of a link that is connected already
 * @link: the link
 *
 * Others are made in its place. The peer may have closed it, which a first message may not show.
 *
 * Context: may sleep. Takes @link->lock.
 * Return: channel of kind SPARE with one reference, or NULL if there is none.
 */
struct pm_chan *pm_spare_take(struct pm_link *link)
{
	struct pm_chan *chan;

	for (;;) {
		spin_lock(&link->lock);
		chan = pm_spare_pop(link);
		if (!link->dead && pm_spare_soon(link))
			pm_link_get(link);
		spin_unlock(&link->lock);
		if (!chan || !pm_chan_readable(chan))
			return chan;
		pm_chan_drop(chan);
	}
}

/**
 * pm_spare_return() - a channel is of no more use to the node that has opened it, which is this one
 * @chan: the channel, and a reference to it, which is given up; the peer has been told, nobody
 *	sends or reads any more, and no answer is to come
 *
 * Context: may sleep. Takes @chan->link->lock.
 */
void pm_spare_return(struct pm_chan *chan)
{
	pm_chan_set_kind(chan, PM_CHAN_SPARE);
	if (!pm_spare_put_by(chan->link, chan))
		pm_chan_drop(chan);
}

/**
 * pm_spare_begin() - a new link has no spare channels yet
 * @link: the link
 */
void pm_spare_begin(struct pm_link *link)
{
	INIT_DELAYED_WORK(&link->spare_work, pm_spare_worker);
}

/**
 * pm_spare_end() - a link has died
 * @link: the link, marked dead: it gets no more of them
 *
 * Context: may sleep, does not wait for the worker.
 */
void pm_spare_end(struct pm_link *link)
{
	struct pm_chan *chan;

	if (cancel_delayed_work(&link->spare_work))
		pm_link_put(link);
	do {
		spin_lock(&link->lock);
		chan = pm_spare_pop(link);
		spin_unlock(&link->lock);
		if (chan)
			pm_chan_put(chan);
	} while (chan);
}

/* ---- who is to find out what for ---- */

/**
 * struct pm_spare - a spare channel that the peer has opened
 * @work: takes what has come
 * @chan: the channel, a counted reference
 * @woken: bit 0: @work is queued, or runs
 */
struct pm_spare {
	struct work_struct work;
	struct pm_chan *chan;
	unsigned long woken;
};

static void pm_spare_free(struct pm_spare *spare)
{
	pm_chan_put(spare->chan);
	kfree(spare);
	if (atomic_dec_and_test(&pm_spares))
		wake_up_all(&pm_spares_gone);
}

static bool pm_spare_count(struct pm_link *link, int by)
{
	bool room;

	spin_lock(&link->lock);
	room = by < 0 || link->nr_held < PM_SPARES_HELD;
	if (room)
		link->nr_held += by;
	spin_unlock(&link->lock);
	return room;
}

/* Softirq: something has come, or the channel has died. */
static void pm_spare_wake(void *arg)
{
	struct pm_spare *spare = arg;

	if (!test_and_set_bit(0, &spare->woken))
		queue_work(pm_spares_wq, &spare->work);
}

/* The caller has a reference to @chan: @spare may be gone before this returns. */
static void pm_spare_watch(struct pm_spare *spare, struct pm_chan *chan)
{
	clear_bit(0, &spare->woken);
	pm_chan_set_kick(chan, pm_spare_wake, spare);
	if (pm_chan_readable(chan))
		pm_chan_notify(chan);
}

/* Read OPEN. Return: 0, -EPROTO, -EPIPE, -ETIMEDOUT. */
static int pm_spare_read(struct pm_chan *chan)
{
	unsigned long deadline = jiffies + PM_OPEN_TIMEOUT;
	struct pm_hdr hdr;
	int err;

	err = pm_chan_read_raw(chan, &hdr, sizeof(hdr), deadline);
	if (err)
		return err;
	if (hdr.type != cpu_to_le16(PM_MSG_OPEN) || hdr.len != cpu_to_le32(sizeof(chan->open)) ||
	    hdr.seq || hdr.zero || hdr.flags == cpu_to_le16(PM_CHAN_SPARE))
		return -EPROTO;
	err = pm_chan_read_raw(chan, &chan->open, sizeof(chan->open), deadline);
	if (err)
		return err;
	pm_chan_set_kind(chan, le16_to_cpu(hdr.flags));
	pm_counter_add(PM_COUNT_JOINED);
	return 0;
}

static void pm_spare_take_work(struct work_struct *work)
{
	struct pm_spare *spare = container_of(work, struct pm_spare, work);
	struct pm_chan *chan = spare->chan;
	int err;

	/* nobody queues it any more */
	pm_chan_set_kick(chan, NULL, NULL);
	if (!pm_chan_readable(chan)) {
		pm_spare_watch(spare, chan);
		return;
	}
	err = pm_spare_read(chan);
	pm_spare_count(chan->link, -1);
	if (err || pm_chan_dispatch(chan))
		pm_chan_kill(chan);
	pm_spare_free(spare);
}

/**
 * pm_accept_spare() - keep a channel until the peer says what it is for
 * @chan: a new channel, or one that the peer needs no more
 *
 * Context: process context, may sleep. Return: 0, -EBUSY there are too many, -ENOMEM.
 */
int pm_accept_spare(struct pm_chan *chan)
{
	struct pm_spare *spare;

	if (!pm_spare_count(chan->link, 1))
		return -EBUSY;
	spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare) {
		pm_spare_count(chan->link, -1);
		return -ENOMEM;
	}
	atomic_inc(&pm_spares);
	pm_chan_set_kind(chan, PM_CHAN_SPARE);
	spare->chan = pm_chan_get(chan);
	INIT_WORK(&spare->work, pm_spare_take_work);
	pm_spare_watch(spare, chan);
	return 0;
}

/**
 * pm_spares_init() - make what spare channels are made and taken on
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pm_spares_init(void)
{
	pm_spares_wq = alloc_workqueue("procmig_spare", WQ_UNBOUND, 0);
	return pm_spares_wq ? 0 : -ENOMEM;
}

/** pm_spares_exit() - after all links have been dropped and no caller is left */
void pm_spares_exit(void)
{
	wait_event(pm_spares_gone, !atomic_read(&pm_spares));
	destroy_workqueue(pm_spares_wq);
}
