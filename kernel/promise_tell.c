// SPDX-License-Identifier: GPL-2.0
/*
 * A file has changed: the nodes to which that was promised are told (changed.c). Context: a worker.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/module.h>
#include "link.h"
#include "promise.h"
#include "space.h"

/* Jiffies for a node to answer, until it is told again, and until it is given up. */
#define PM_TOLD_ANSWER	(10 * HZ)
#define PM_TOLD_PAUSE	(HZ / 5)
#define PM_TOLD_PATIENCE (120 * HZ)
/* Nodes that are told at the same time. */
#define PM_TOLD_BATCH	16

/**
 * struct pm_news - what nodes are told
 * @change: number of the change
 * @resized: also those are told who have no pages
 * @n: number of @changed
 * @changed: one for each inode by which the file is mapped
 */
struct pm_news {
	u64 change;
	bool resized;
	unsigned int n;
	struct pm_changed changed[PM_CHANGED_MAX];
};

/**
 * struct pm_told - a node that is being told
 * @node: its id
 * @since: what was in pm_promise.nodes
 * @chan: waits for its answer, or ERR_PTR
 */
struct pm_told {
	u32 node;
	unsigned long since;
	struct pm_chan *chan;
};

static struct pm_chan *pm_promise_send(u32 node, const struct pm_news *news)
{
	struct pm_open open = { .home = cpu_to_le32(pm_self_id()) };
	struct pm_chan *chan = pm_chan_open(node, PM_CHAN_CHANGED, &open);
	int err;

	if (IS_ERR(chan))
		return chan;
	err = pm_chan_send(chan, PM_MSG_CHANGED, 1, news->changed,
			   news->n * sizeof(*news->changed), NULL, 0);
	if (!err)
		return chan;
	pm_chan_finish(chan);
	return ERR_PTR(err);
}

/* Return: false: it has not been told. */
static bool pm_promise_answer(struct pm_told *told)
{
	int err;

	if (IS_ERR(told->chan))
		return false;
	err = pm_await_for(told->chan, PM_MSG_CHANGED, PM_TOLD_ANSWER);
	pm_chan_finish(told->chan);
	return !err;
}

/*
 * The next node after @told->node that is to be told. If the file has grown since it is not told of
 * a cut: who has seen that may have written there meanwhile. False: there is none.
 */
static bool pm_promise_next(struct pm_promise *promise, struct pm_news *news, struct pm_told *told)
{
	unsigned long node = told->node;
	unsigned int i;
	void *entry;

	mutex_lock(&pm_promise_lock);
	do
		entry = xa_find_after(&promise->nodes, &node, PM_NODE_MAX, XA_PRESENT);
	while (entry && !news->resized && !xa_to_value(entry));
	if (entry) {
		told->node = node;
		told->since = xa_to_value(entry);
		/* this takes no memory: there is an entry */
		xa_store(&promise->nodes, node, xa_mk_value(0), GFP_NOIO);
	}
	for (i = 0; i < news->n && promise->grown > news->change; i++)
		news->changed[i].cut = cpu_to_le64(PM_NOT_CUT);
	mutex_unlock(&pm_promise_lock);
	return entry;
}

static void pm_news_add(struct pm_news *news, struct pm_promised *user)
{
	struct pm_changed changed = {
		.dev = cpu_to_le64(user->dev),
		.ino = cpu_to_le64(user->ino),
		.size = cpu_to_le64(user->size),
		.cut = cpu_to_le64(user->cut),
	};
	unsigned int i;

	news->resized |= user->size != user->told || user->cut != PM_NOT_CUT;
	user->told = user->size;
	user->cut = PM_NOT_CUT;
	for (i = 0; i < news->n; i++) {
		if (news->changed[i].dev != changed.dev || news->changed[i].ino != changed.ino)
			continue;
		if (le64_to_cpu(changed.cut) < le64_to_cpu(news->changed[i].cut))
			news->changed[i].cut = changed.cut;
		return;
	}
	if (!WARN_ON_ONCE(news->n == ARRAY_SIZE(news->changed)))
		news->changed[news->n++] = changed;
}

/* Nothing if nobody maps it any more, or if the last run has told it. */
static void pm_news_get(struct pm_promise *promise, struct pm_news *news)
{
	struct pm_promised *user;

	*news = (struct pm_news){};
	mutex_lock(&pm_promise_lock);
	news->change = promise->changes;
	if (promise->told != promise->changes)
		list_for_each_entry(user, &promise->users, entry)
			pm_news_add(news, user);
	mutex_unlock(&pm_promise_lock);
}

/*
 * It has not been told. One without a link has lost all that runs there; and so does one that
 * cannot be told for long. Return: it is to be told again.
 */
static bool pm_promise_owes(struct pm_promise *promise, const struct pm_told *told)
{
	unsigned long since = told->since > 1 ? told->since : max(jiffies, 2UL);

	if (!pm_node_linked(told->node))
		return false;
	if (time_after(jiffies, since + PM_TOLD_PATIENCE)) {
		pm_node_drop(told->node, "it cannot be told that a file has changed");
		return false;
	}
	mutex_lock(&pm_promise_lock);
	/* this takes no memory: there is an entry */
	xa_store(&promise->nodes, told->node, xa_mk_value(since), GFP_NOIO);
	mutex_unlock(&pm_promise_lock);
	return true;
}

/* Tell some nodes, those after *@node, which is the last one then. Return: all have been told. */
static bool pm_promise_tell(struct pm_promise *promise, struct pm_news *news, u32 *node)
{
	struct pm_told told[PM_TOLD_BATCH], next = { .node = *node };
	unsigned int i, n = 0;
	bool all = true;

	while (n < ARRAY_SIZE(told) && pm_promise_next(promise, news, &next)) {
		next.chan = pm_promise_send(next.node, news);
		told[n++] = next;
	}
	for (i = 0; i < n; i++)
		if (!pm_promise_answer(&told[i]) && pm_promise_owes(promise, &told[i]))
			all = false;
	*node = n < ARRAY_SIZE(told) ? 0 : next.node;
	return all;
}

/* Tell each node once. Return: all have been told. */
static bool pm_promise_tell_all(struct pm_promise *promise, struct pm_news *news)
{
	bool all = true;
	u32 node = 0;

	do
		all = pm_promise_tell(promise, news, &node) && all;
	while (node);
	return all;
}

void pm_promise_work(struct work_struct *work)
{
	struct pm_promise *promise = container_of(work, struct pm_promise, work);
	struct pm_news news;

	for (;;) {
		pm_news_get(promise, &news);
		if (!news.n || pm_promise_tell_all(promise, &news))
			break;
		schedule_timeout_idle(PM_TOLD_PAUSE);
	}
	mutex_lock(&pm_promise_lock);
	WRITE_ONCE(promise->told, news.change);
	promise->late = false;
	mutex_unlock(&pm_promise_lock);
	wake_up_all(&pm_promise_wait);
	fsnotify_put_mark(&promise->mark);
	/* who unloads it waits for all works */
	module_put(THIS_MODULE);
}
