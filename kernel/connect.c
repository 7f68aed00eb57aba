// SPDX-License-Identifier: GPL-2.0
/*
 * Making links: each node has a kthread that keeps a link to it.
 *
 * Of two nodes the one with the lower id connects, again and again with a growing
 * pause; the other one waits until a handler of listen.c has a link for it. So there
 * are never two links, and when a new connection of the peer is authentic, the old
 * link is known to be dead and is replaced (pm_node_adopt()).
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "node.h"

#define PM_PAUSE_MIN		(HZ / 10)
#define PM_PAUSE_MAX		(2 * HZ)

/* Publish what the kthread is busy with, so that it can be ended. NULL: nothing. */
static int pm_node_set_trying(struct pm_node *node, struct pm_chan *chan)
{
	int err = 0;

	spin_lock(&node->lock);
	if (chan && node->stop)
		err = -ESHUTDOWN;
	else
		node->trying = chan;
	spin_unlock(&node->lock);
	return err;
}

/* Handshake on a connection. Return: link to run, counted, or ERR_PTR. */
static struct pm_link *pm_node_greet(struct pm_node *node, struct pm_chan *chan,
				     struct pm_handshake *hs)
{
	struct pm_link *link;
	int err;

	err = pm_auth_client_hello(hs, chan, node->id);
	if (err)
		return ERR_PTR(err);
	link = pm_link_new(node, chan, &hs->session, true);
	if (!link)
		return ERR_PTR(-ENOMEM);
	/* The peer may open channels as soon as it has our proof: be ready before. */
	err = pm_node_adopt(link) ?: pm_auth_client_proof(hs, chan);
	if (!err)
		return link;
	pm_link_drop(link, "the connection was closed");
	pm_link_put(link);
	return ERR_PTR(err);
}

static const char *pm_connect_why(int err)
{
	switch (err) {
	case -ECONNREFUSED:
		return "connection refused: is the module loaded and set up there?";
	case -ETIMEDOUT:
		return "no answer";
	case -EPIPE:
	case -ECONNRESET:
		return "closed by the peer: key, id or address may differ there, see its log";
	case -EHOSTUNREACH:
	case -ENETUNREACH:
		return "no route to the node";
	case -EADDRNOTAVAIL:
		return "our own address is not one of this machine";
	case -ENOMEM:
		return "out of memory";
	default:
		return "connection failed";
	}
}

/* Remember why there is no link, and say it if it is news and a matter of set-up. */
static void pm_node_failed(struct pm_node *node, int err, const char *why)
{
	bool news;

	spin_lock(&node->lock);
	news = strncmp(node->why, why, sizeof(node->why));
	spin_unlock(&node->lock);
	pm_node_set_state(node, PM_LINK_CONNECTING, why);
	if (err == -EKEYREJECTED) {
		atomic64_inc(&node->auth_failures);
		pm_counter_add(PM_COUNT_AUTH_FAILED);
	}
	if (news && (err == -EKEYREJECTED || err == -EPROTO || err == -EPROTONOSUPPORT))
		pr_warn_ratelimited("no link to node %u: %s\n", node->id, why);
}

/* Connect and shake hands. Return: link to run, counted, or NULL after a failure. */
static struct pm_link *pm_node_connect(struct pm_node *node)
{
	struct pm_link *link = ERR_PTR(-ENOMEM);
	struct pm_handshake *hs;
	struct pm_chan *chan;
	struct socket *sock;
	int err;

	hs = kzalloc(sizeof(*hs), GFP_KERNEL);
	if (!hs)
		goto out;
	sock = pm_sock_new(&node->addr);
	chan = IS_ERR(sock) ? ERR_CAST(sock) : pm_chan_new(sock, PM_CHAN_LINK);
	link = ERR_CAST(chan);
	if (IS_ERR(chan))
		goto out;
	err = pm_node_set_trying(node, chan) ?:
	      pm_sock_connect(chan, &node->addr, PM_CONNECT_TIMEOUT);
	link = err ? ERR_PTR(err) : pm_node_greet(node, chan, hs);
	pm_node_set_trying(node, NULL);
	if (IS_ERR(link))
		pm_chan_kill(chan);
	pm_chan_put(chan);
out:
	if (IS_ERR(link)) {
		err = PTR_ERR(link);
		link = NULL;
		pm_node_failed(node, err, hs && hs->why[0] ? hs->why : pm_connect_why(err));
	}
	kfree_sensitive(hs);
	return link;
}

static int pm_node_thread(void *arg)
{
	struct pm_node *node = arg;
	long pause = PM_PAUSE_MIN;
	struct pm_link *link;

	/* a busy machine is not a dead one: its heartbeats must not wait behind its programs */
	sched_set_fifo_low(current);
	while (!kthread_should_stop()) {
		if (pm_node_active(node)) {
			link = pm_node_connect(node);
		} else {
			wait_event_idle(node->wait,
					kthread_should_stop() || READ_ONCE(node->link));
			link = pm_link_find(node);
		}
		if (link) {
			pm_link_run(link);
			if (link->up)
				pause = PM_PAUSE_MIN;
			pm_link_put(link);
		}
		if (!pm_node_active(node))
			continue;
		wait_event_idle_timeout(node->wait, kthread_should_stop(), pause);
		pause = min_t(long, pause * 2, PM_PAUSE_MAX);
	}
	return 0;
}

/**
 * pm_node_stop() - end the link of a node and make no new one
 * @node: the node; its kthread is gone afterwards
 * @why: for the log and for people who ask
 *
 * Context: may sleep. The configuration is locked.
 */
void pm_node_stop(struct pm_node *node, const char *why)
{
	struct pm_link *link;
	struct pm_chan *chan;

	spin_lock(&node->lock);
	node->stop = true;
	chan = node->trying;
	if (chan)
		pm_chan_get(chan);
	spin_unlock(&node->lock);
	if (chan)
		pm_chan_drop(chan);
	link = pm_link_find(node);
	if (link) {
		pm_link_drop(link, why);
		pm_link_put(link);
	}
	if (node->task)
		kthread_stop(node->task);
	node->task = NULL;
	pm_node_set_state(node, PM_LINK_DOWN, why);
}

/**
 * pm_node_start() - begin to make links with a node
 * @node: the node; has no kthread
 *
 * Context: may sleep. The configuration is locked.
 * Return: 0 or a negative errno.
 */
int pm_node_start(struct pm_node *node)
{
	struct task_struct *task;

	spin_lock(&node->lock);
	node->stop = false;
	spin_unlock(&node->lock);
	pm_node_set_state(node, PM_LINK_CONNECTING, pm_node_active(node) ?
			  "not tried yet" : "waiting for the node to connect");
	task = kthread_run(pm_node_thread, node, "procmig/%u", node->id);
	if (IS_ERR(task)) {
		/* a node may have connected already */
		pm_node_stop(node, "no kernel thread could be started");
		return PTR_ERR(task);
	}
	node->task = task;
	return 0;
}
