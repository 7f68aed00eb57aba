// SPDX-License-Identifier: GPL-2.0
/*
 * Callers: accepted connections that have not proved themselves.
 *
 * A caller has PM_HELLO_TIMEOUT to prove that it comes from the node that is configured with its
 * address, and there are at most PM_CALLERS_MAX callers. An authentic caller becomes a link or a
 * channel of one, and is no caller any more. Until then all that there is of it is its connection
 * and one buffer; of one with an unknown address there is none.
 *
 * Each is handled by a work of its own, so that pm_callers_wait() can wait for all by
 * flushing the workqueue, also for those that are already with pm_accept_thread() and
 * its like.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include "node.h"

#define PM_HELLO_TIMEOUT	(3 * HZ)
#define PM_CALLERS_MAX		16
/* One that has had so long makes room for the next when there are many. */
#define PM_CALLER_TIME		(HZ / 10)

/**
 * struct pm_caller - a connection that has not proved itself yet
 * @work: handles it
 * @entry: in pm_callers while not authentic, otherwise empty
 * @chan: the connection
 * @since: jiffies when it came
 * @addr: where it comes from
 * @hs: its handshake, if it wants to make a link
 */
struct pm_caller {
	struct work_struct work;
	struct list_head entry;
	struct pm_chan *chan;
	unsigned long since;
	struct sockaddr_storage addr;
	struct pm_handshake hs;
};

static struct workqueue_struct *pm_callers_wq;

static DEFINE_MUTEX(pm_callers_lock);	/* protects all below */
static LIST_HEAD(pm_callers);
static unsigned int pm_nr_callers;
static bool pm_callers_open;

static void pm_refuse(const struct sockaddr_storage *addr, enum pm_count count, const char *why)
{
	pm_counter_add(count);
	pr_warn_ratelimited("connection from %pISc refused: %s\n", addr, why);
}

/* An authentic or failed caller makes room for the next one. */
static void pm_caller_leave(struct pm_caller *caller)
{
	mutex_lock(&pm_callers_lock);
	if (!list_empty(&caller->entry)) {
		list_del_init(&caller->entry);
		pm_nr_callers--;
		if (pm_callers_open)
			pm_listen_poke();
	}
	mutex_unlock(&pm_callers_lock);
}

/* The handshake failed. */
static void pm_caller_failed(struct pm_caller *caller, struct pm_node *node, int err,
			     const char *why)
{
	enum pm_count count = PM_COUNT_AUTH_FAILED;

	if (err == -ETIMEDOUT) {
		count = PM_COUNT_TIMEOUT;
		why = "the handshake was not finished in time";
	} else if (err == -EPROTONOSUPPORT) {
		count = PM_COUNT_REFUSED;
	} else if (err == -EPIPE) {
		why = "the handshake was broken off";
	} else if (!why[0]) {
		why = "the handshake could not be checked";
	}
	if (node && count == PM_COUNT_AUTH_FAILED)
		atomic64_inc(&node->auth_failures);
	pm_refuse(&caller->addr, count, why);
}

/* Is this a node that may connect to us from there? Return: true, or false with a reason. */
static bool pm_caller_welcome(struct pm_caller *caller, struct pm_node *node,
			      struct pm_handshake *hs)
{
	if (!node)
		snprintf(hs->why, sizeof(hs->why), "node %u is not configured here",
			 hs->session.node);
	else if (!pm_node_has_addr(node, &caller->addr))
		snprintf(hs->why, sizeof(hs->why), "it says it is node %u, which is %pISc here",
			 node->id, &node->addr);
	else if (pm_node_active(node))
		snprintf(hs->why, sizeof(hs->why), "node %u should wait for us to connect",
			 node->id);
	else
		return true;
	return false;
}

/* A node wants to make a link. */
static void pm_caller_link(struct pm_caller *caller, const struct pm_first *first,
			   unsigned long deadline)
{
	struct pm_handshake *hs = &caller->hs;
	struct pm_node *node;
	struct pm_link *link;
	int err;

	err = pm_auth_server_hello(hs, caller->chan, first, deadline);
	if (err) {
		pm_caller_failed(caller, NULL, err, hs->why);
		return;
	}
	node = pm_node_get(hs->session.node);
	if (!pm_caller_welcome(caller, node, hs)) {
		pm_refuse(&caller->addr, PM_COUNT_REFUSED, hs->why);
		goto put;
	}
	err = pm_auth_server_answer(hs, caller->chan, deadline);
	if (err) {
		pm_caller_failed(caller, node, err, hs->why);
		goto put;
	}
	link = pm_link_new(node, caller->chan, &hs->session, false);
	if (!link)
		goto put;
	/* it has proved itself: nobody takes its place */
	pm_caller_leave(caller);
	if (pm_node_adopt(link))
		pm_link_drop(link, "links are being shut down");
	pm_link_put(link);
put:
	if (node)
		pm_node_put(node);
}

/* Read and check what begins a further channel. Return: its link, counted, or NULL. */
static struct pm_link *pm_caller_authentic(struct pm_caller *caller, struct pm_join *join,
					   struct pm_node *node)
{
	struct pm_link *link = node ? pm_link_find(node) : NULL;
	int err;

	if (!link || !pm_node_has_addr(node, &caller->addr) ||
	    le64_to_cpu(join->session) != link->session.id) {
		pm_refuse(&caller->addr, PM_COUNT_REFUSED, "it belongs to no link that exists");
		goto put;
	}
	err = join->zero ? -EKEYREJECTED : pm_auth_check_join(&link->session, join);
	if (err) {
		pm_caller_failed(caller, node, err, "not authentic");
		goto put;
	}
	if (!pm_link_fresh(link, le64_to_cpu(join->counter))) {
		pm_refuse(&caller->addr, PM_COUNT_REPLAY, "it has been used before");
		goto put;
	}
	return link;
put:
	if (link)
		pm_link_put(link);
	return NULL;
}

/**
 * pm_chan_dispatch() - hand a channel to the function of its kind
 * @chan: authentic, its kind and @open are set
 *
 * Context: process context, may sleep.
 * Return: what that function returns, or -EPROTO; not 0: nobody wants it.
 */
int pm_chan_dispatch(struct pm_chan *chan)
{
	switch (chan->kind) {
	case PM_CHAN_PROC:
		return pm_accept_proc(chan);
	case PM_CHAN_THREAD:
		return pm_accept_thread(chan);
	case PM_CHAN_FETCH:
	case PM_CHAN_LOOK:
		return pm_accept_fetch(chan);
	case PM_CHAN_PUSH:
		return pm_accept_push(chan);
	case PM_CHAN_OBJECT:
		return pm_accept_object(chan);
	case PM_CHAN_CHANGED:
		return pm_accept_changed(chan);
	case PM_CHAN_SPARE:
		return pm_accept_spare(chan);
	default:
		return -EPROTO;
	}
}

/* A node opens a further channel of its link. */
static void pm_caller_join(struct pm_caller *caller, const struct pm_first *first,
			   unsigned long deadline)
{
	struct pm_chan *chan = caller->chan;
	struct pm_join join = { .first = *first };
	struct pm_link *link;
	struct pm_node *node;
	int err;

	err = pm_chan_read_raw(chan, &join.node, sizeof(join) - offsetof(struct pm_join, node),
			       deadline);
	if (err) {
		pm_caller_failed(caller, NULL, err, "");
		return;
	}
	node = pm_node_get(le32_to_cpu(join.node));
	link = pm_caller_authentic(caller, &join, node);
	if (node)
		pm_node_put(node);
	if (!link)
		return;
	pm_chan_set_kind(chan, le16_to_cpu(first->kind));
	chan->open = join.open;
	err = pm_link_attach(link, chan);
	pm_link_put(link);
	if (err)
		return;
	if (chan->kind != PM_CHAN_SPARE)
		pm_counter_add(PM_COUNT_JOINED);
	pm_caller_leave(caller);
	if (pm_chan_dispatch(chan))
		pm_chan_kill(chan);
}

static void pm_caller_worker(struct work_struct *work)
{
	struct pm_caller *caller = container_of(work, struct pm_caller, work);
	unsigned long deadline = jiffies + PM_HELLO_TIMEOUT;
	struct pm_first first = {};
	u16 kind;
	int err;

	err = pm_chan_read_raw(caller->chan, &first, sizeof(first), deadline);
	kind = le16_to_cpu(first.kind);
	if (err)
		pm_caller_failed(caller, NULL, err, "");
	else if (first.magic == cpu_to_le32(PM_MAGIC) && kind == PM_CHAN_LINK)
		pm_caller_link(caller, &first, deadline);
	else if (first.magic == cpu_to_le32(PM_MAGIC) && kind < PM_CHAN_KINDS && kind &&
		 first.len == cpu_to_le16(sizeof(struct pm_join)))
		pm_caller_join(caller, &first, deadline);
	else
		pm_caller_failed(caller, NULL, -EPROTO, "does not speak this protocol");
	pm_caller_leave(caller);
	pm_chan_put(caller->chan);
	kfree_sensitive(caller);
}

/* Where a connection comes from; IPv4 addresses in their own form. */
static int pm_caller_addr(struct socket *sock, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int err;

	err = kernel_getpeername(sock, (struct sockaddr *)addr);
	if (err < 0)
		return err;
	if (v6->sin6_family == AF_INET6 && ipv6_addr_v4mapped(&v6->sin6_addr)) {
		v4.sin_addr.s_addr = v6->sin6_addr.s6_addr32[3];
		v4.sin_port = v6->sin6_port;
		memcpy(addr, &v4, sizeof(v4));
	}
	return 0;
}

/**
 * pm_caller_new() - a new connection: close it, or make it a caller
 * @sock: the connection, given up to this function
 *
 * Context: may sleep.
 */
void pm_caller_new(struct socket *sock)
{
	struct sockaddr_storage addr = {};
	struct pm_caller *caller;
	bool open;

	pm_counter_add(PM_COUNT_ACCEPTED);
	if (pm_caller_addr(sock, &addr))
		goto release;
	if (!pm_node_known_addr(&addr)) {
		pm_refuse(&addr, PM_COUNT_UNKNOWN, "not the address of a configured node");
		goto release;
	}
	caller = kzalloc(sizeof(*caller), GFP_KERNEL);
	if (!caller)
		goto release;
	caller->addr = addr;
	caller->chan = pm_chan_new(sock, PM_CHAN_LINK);
	if (IS_ERR(caller->chan))
		goto free;
	INIT_WORK(&caller->work, pm_caller_worker);
	caller->since = jiffies;
	mutex_lock(&pm_callers_lock);
	open = pm_callers_open;
	if (open) {
		list_add_tail(&caller->entry, &pm_callers);
		pm_nr_callers++;
		queue_work(pm_callers_wq, &caller->work);
	}
	mutex_unlock(&pm_callers_lock);
	if (open)
		return;
	pm_chan_put(caller->chan);
free:
	kfree(caller);
	return;
release:
	sock_release(sock);
}

/**
 * pm_callers_room() - may one more connection be accepted?
 * @waits: there is one
 *
 * When there are too many, the oldest one loses its connection if it has had its time: a node
 * proves itself in a moment, and whoever can connect must not keep nodes from it.
 *
 * Context: may sleep.
 * Return: 0 if so; -ESHUTDOWN; -EBUSY: pm_listen_poke() is called when it may, and it is worth
 * asking again after PM_CALLER_TIME.
 */
int pm_callers_room(bool waits)
{
	struct pm_caller *oldest;
	int err = 0;

	mutex_lock(&pm_callers_lock);
	if (!pm_callers_open) {
		err = -ESHUTDOWN;
	} else if (pm_nr_callers >= PM_CALLERS_MAX) {
		oldest = list_first_entry(&pm_callers, struct pm_caller, entry);
		if (waits && time_after(jiffies, oldest->since + PM_CALLER_TIME))
			pm_chan_kill(oldest->chan);
		err = -EBUSY;
	}
	mutex_unlock(&pm_callers_lock);
	return err;
}

/**
 * pm_callers_start() - callers are welcome
 *
 * Context: may sleep.
 */
void pm_callers_start(void)
{
	mutex_lock(&pm_callers_lock);
	pm_callers_open = true;
	mutex_unlock(&pm_callers_lock);
}

/**
 * pm_callers_stop() - no more callers; those that there are lose their connections
 *
 * Context: may sleep, does not wait for them.
 */
void pm_callers_stop(void)
{
	struct pm_caller *caller;

	mutex_lock(&pm_callers_lock);
	pm_callers_open = false;
	list_for_each_entry(caller, &pm_callers, entry)
		pm_chan_kill(caller->chan);
	mutex_unlock(&pm_callers_lock);
}

/**
 * pm_callers_wait() - wait until no handler of a caller is running
 *
 * Context: may sleep, after pm_callers_stop().
 */
void pm_callers_wait(void)
{
	flush_workqueue(pm_callers_wq);
}

/**
 * pm_callers_init() - make what handlers of connections run on
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pm_callers_init(void)
{
	pm_callers_wq = alloc_workqueue("procmig_listen", WQ_UNBOUND, 0);
	return pm_callers_wq ? 0 : -ENOMEM;
}

/** pm_callers_exit() - after pm_callers_wait() */
void pm_callers_exit(void)
{
	destroy_workqueue(pm_callers_wq);
}
