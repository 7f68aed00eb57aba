// SPDX-License-Identifier: GPL-2.0
/*
 * Connections from other nodes.
 *
 * Only addresses of configured nodes get further than accept(). A connection is then
 * a caller: it has PM_HELLO_TIMEOUT to prove that it comes from that node, and there are
 * at most PM_CALLERS_MAX callers; others wait in the backlog of the socket. An
 * authentic caller becomes a link or a channel of one, and is no caller any more.
 *
 * Each is handled by a work of its own, so that pm_listen_stop() can wait for all by
 * flushing the workqueue, also for those that are already with pm_accept_thread() and
 * its like.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "node.h"

#define PM_HELLO_TIMEOUT	(3 * HZ)
#define PM_CALLERS_MAX		16
#define PM_BACKLOG		256
#define PM_ACCEPT_BATCH		64	/* connections taken before others get the CPU */

/**
 * struct pm_caller - a connection that has not proved itself yet
 * @work: handles it
 * @entry: in pm_callers while not authentic, otherwise empty
 * @chan: the connection
 * @addr: where it comes from
 */
struct pm_caller {
	struct work_struct work;
	struct list_head entry;
	struct pm_chan *chan;
	struct sockaddr_storage addr;
};

static void pm_accept_worker(struct work_struct *work);

static struct workqueue_struct *pm_listen_wq;
static DECLARE_DELAYED_WORK(pm_accept_work, pm_accept_worker);
static struct socket *pm_listener;	/* changes only while pm_accept_work cannot run */
static void (*pm_listener_data_ready)(struct sock *sk);

static DEFINE_MUTEX(pm_callers_lock);	/* protects all below */
static LIST_HEAD(pm_callers);
static unsigned int pm_nr_callers;
static bool pm_listen_open;

static void pm_refuse(struct pm_caller *caller, enum pm_count count, const char *why)
{
	pm_counter_add(count);
	pr_warn_ratelimited("connection from %pISc refused: %s\n", &caller->addr, why);
}

/* An authentic or failed caller makes room for the next one. */
static void pm_caller_leave(struct pm_caller *caller)
{
	mutex_lock(&pm_callers_lock);
	if (!list_empty(&caller->entry)) {
		list_del_init(&caller->entry);
		pm_nr_callers--;
		if (pm_listen_open)
			mod_delayed_work(system_wq, &pm_accept_work, 0);
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
	pm_refuse(caller, count, why);
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
	struct pm_handshake *hs = kzalloc(sizeof(*hs), GFP_KERNEL);
	struct pm_node *node = NULL;
	struct pm_link *link;
	int err;

	if (!hs)
		return;
	err = pm_auth_server_hello(hs, caller->chan, first, deadline);
	if (err) {
		pm_caller_failed(caller, NULL, err, hs->why);
		goto free;
	}
	node = pm_node_get(hs->session.node);
	if (!pm_caller_welcome(caller, node, hs)) {
		pm_refuse(caller, PM_COUNT_REFUSED, hs->why);
		goto free;
	}
	err = pm_auth_server_answer(hs, caller->chan, deadline);
	if (err) {
		pm_caller_failed(caller, node, err, hs->why);
		goto free;
	}
	link = pm_link_new(node, caller->chan, &hs->session, false);
	if (!link)
		goto free;
	if (pm_node_adopt(link))
		pm_link_drop(link, "links are being shut down");
	pm_link_put(link);
free:
	if (node)
		pm_node_put(node);
	kfree_sensitive(hs);
}

/* Read and check what begins a further channel. Return: its link, counted, or NULL. */
static struct pm_link *pm_caller_authentic(struct pm_caller *caller, struct pm_join *join,
					   struct pm_node *node)
{
	struct pm_link *link = node ? pm_link_find(node) : NULL;
	int err;

	if (!link || !pm_node_has_addr(node, &caller->addr) ||
	    le64_to_cpu(join->session) != link->session.id) {
		pm_refuse(caller, PM_COUNT_REFUSED, "it belongs to no link that exists");
		goto put;
	}
	err = join->zero ? -EKEYREJECTED : pm_auth_check_join(&link->session, join);
	if (err) {
		pm_caller_failed(caller, node, err, "not authentic");
		goto put;
	}
	if (!pm_link_fresh(link, le64_to_cpu(join->counter))) {
		pm_refuse(caller, PM_COUNT_REPLAY, "it has been used before");
		goto put;
	}
	return link;
put:
	if (link)
		pm_link_put(link);
	return NULL;
}

static int pm_caller_dispatch(struct pm_chan *chan)
{
	switch (chan->kind) {
	case PM_CHAN_PROC:
		return pm_accept_proc(chan);
	case PM_CHAN_THREAD:
		return pm_accept_thread(chan);
	case PM_CHAN_FETCH:
		return pm_accept_fetch(chan);
	case PM_CHAN_PUSH:
		return pm_accept_push(chan);
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
	pm_counter_add(PM_COUNT_JOINED);
	pm_caller_leave(caller);
	if (pm_caller_dispatch(chan))
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
	else if (first.magic == cpu_to_le32(PM_MAGIC) && kind <= PM_CHAN_PROC && kind &&
		 first.len == cpu_to_le16(sizeof(struct pm_join)))
		pm_caller_join(caller, &first, deadline);
	else
		pm_caller_failed(caller, NULL, -EPROTO, "does not speak this protocol");
	pm_caller_leave(caller);
	pm_chan_put(caller->chan);
	kfree(caller);
}

/* Where a connection comes from; IPv4 addresses in their own form. */
static int pm_caller_set_addr(struct pm_caller *caller, struct socket *sock)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&caller->addr;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int err;

	err = kernel_getpeername(sock, (struct sockaddr *)&caller->addr);
	if (err < 0)
		return err;
	if (v6->sin6_family == AF_INET6 && ipv6_addr_v4mapped(&v6->sin6_addr)) {
		v4.sin_addr.s_addr = v6->sin6_addr.s6_addr32[3];
		v4.sin_port = v6->sin6_port;
		memcpy(&caller->addr, &v4, sizeof(v4));
	}
	return 0;
}

/* A new connection: close it, or make it a caller. */
static void pm_admit(struct socket *sock)
{
	struct pm_caller *caller = kzalloc(sizeof(*caller), GFP_KERNEL);
	struct sock *sk = sock->sk;
	bool open;

	/* it has inherited the callback of the listening socket */
	lock_sock(sk);
	WRITE_ONCE(sk->sk_data_ready, pm_listener_data_ready);
	release_sock(sk);

	pm_counter_add(PM_COUNT_ACCEPTED);
	if (!caller || pm_caller_set_addr(caller, sock)) {
		sock_release(sock);
		goto free;
	}
	if (!pm_node_known_addr(&caller->addr)) {
		pm_refuse(caller, PM_COUNT_UNKNOWN, "not the address of a configured node");
		sock_release(sock);
		goto free;
	}
	caller->chan = pm_chan_new(sock, PM_CHAN_LINK);
	if (IS_ERR(caller->chan))
		goto free;
	INIT_WORK(&caller->work, pm_caller_worker);
	mutex_lock(&pm_callers_lock);
	open = pm_listen_open;
	if (open) {
		list_add_tail(&caller->entry, &pm_callers);
		pm_nr_callers++;
		queue_work(pm_listen_wq, &caller->work);
	}
	mutex_unlock(&pm_callers_lock);
	if (open)
		return;
	pm_chan_put(caller->chan);
free:
	kfree(caller);
}

static void pm_accept_worker(struct work_struct *work)
{
	unsigned int left = PM_ACCEPT_BATCH;
	struct socket *sock;
	int err;

	while (READ_ONCE(pm_listen_open) && READ_ONCE(pm_nr_callers) < PM_CALLERS_MAX) {
		err = left-- ? kernel_accept(pm_listener, &sock, O_NONBLOCK) : -EBUSY;
		if (!err) {
			pm_admit(sock);
		} else if (err == -EAGAIN) {
			return;
		} else if (err != -ECONNABORTED) {
			/* out of memory, or a flood: go on in a moment */
			schedule_delayed_work(&pm_accept_work, left ? HZ / 10 : 1);
			return;
		}
	}
}

/* sk_data_ready of the listening socket; connections inherit it until pm_admit() */
static void pm_listen_data_ready(struct sock *sk)
{
	if (sk->sk_state == TCP_LISTEN)
		mod_delayed_work(system_wq, &pm_accept_work, 0);
}

static void pm_listen_set_callback(struct sock *sk, void (*data_ready)(struct sock *sk))
{
	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(sk->sk_data_ready, data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

/* The socket for an address; AF_UNSPEC: any, of both families if possible. */
static int pm_listen_create(const struct sockaddr_storage *bind, u16 port, struct socket **sockp)
{
	struct sockaddr_storage addr = *bind;
	int err;

	if (!addr.ss_family)
		addr.ss_family = AF_INET6;
	/* the port is at the same place in both families, and the any addresses are zero */
	((struct sockaddr_in *)&addr)->sin_port = htons(port);
	err = sock_create_kern(&init_net, addr.ss_family, SOCK_STREAM, IPPROTO_TCP, sockp);
	if (err == -EAFNOSUPPORT && !bind->ss_family) {
		addr.ss_family = AF_INET;
		err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP, sockp);
	}
	if (err)
		return err;
	(*sockp)->sk->sk_ipv6only = 0;
	sock_set_reuseaddr((*sockp)->sk);
	err = kernel_bind(*sockp, (struct sockaddr *)&addr, pm_addr_len(&addr));
	if (err)
		sock_release(*sockp);
	return err;
}

/**
 * pm_listen_start() - accept connections
 * @bind: local address, AF_UNSPEC for any
 * @port: local port
 *
 * Context: may sleep. The configuration is locked; not listening.
 * Return: 0, or why connections can't be accepted there.
 */
int pm_listen_start(const struct sockaddr_storage *bind, u16 port)
{
	struct socket *sock;
	int err;

	err = pm_listen_create(bind, port, &sock);
	if (err)
		goto failed;
	pm_listener = sock;
	pm_listener_data_ready = sock->sk->sk_data_ready;
	mutex_lock(&pm_callers_lock);
	pm_listen_open = true;
	mutex_unlock(&pm_callers_lock);
	pm_listen_set_callback(sock->sk, pm_listen_data_ready);
	err = kernel_listen(sock, PM_BACKLOG);
	if (!err)
		return 0;
	pm_listen_stop();
failed:
	pr_err("cannot accept connections on port %u: error %d\n", port, err);
	return err;
}

/**
 * pm_listen_stop() - accept no connections
 *
 * Returns when no handler of a connection is running any more. Links must have been
 * dropped before, or handlers may be busy with their channels for long.
 *
 * Context: may sleep. The configuration is locked.
 */
void pm_listen_stop(void)
{
	struct pm_caller *caller;

	mutex_lock(&pm_callers_lock);
	pm_listen_open = false;
	list_for_each_entry(caller, &pm_callers, entry)
		pm_chan_kill(caller->chan);
	mutex_unlock(&pm_callers_lock);
	if (!pm_listener)
		return;
	pm_listen_set_callback(pm_listener->sk, pm_listener_data_ready);
	synchronize_net();
	cancel_delayed_work_sync(&pm_accept_work);
	flush_workqueue(pm_listen_wq);
	sock_release(pm_listener);
	pm_listener = NULL;
	/* Connections that nobody accepted had our callback until now. */
	synchronize_net();
}

/**
 * pm_listening() - are connections being accepted?
 *
 * Context: any.
 * Return: true if so.
 */
bool pm_listening(void)
{
	return READ_ONCE(pm_listen_open);
}

/**
 * pm_listen_init() - make what handlers of connections run on
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pm_listen_init(void)
{
	pm_listen_wq = alloc_workqueue("procmig_listen", WQ_UNBOUND | WQ_HIGHPRI, 0);
	return pm_listen_wq ? 0 : -ENOMEM;
}

/** pm_listen_exit() - after pm_listen_stop() */
void pm_listen_exit(void)
{
	destroy_workqueue(pm_listen_wq);
}
