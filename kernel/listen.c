// SPDX-License-Identifier: GPL-2.0
/*
 * The listening socket. Connections become callers (caller.c) as long as there is room for more;
 * others wait in the backlog of the socket.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/net.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include <net/ip.h>
#include "node.h"

#define PM_BACKLOG		256
#define PM_ACCEPT_BATCH		64	/* connections taken before others get the CPU */

static void pm_accept_worker(struct work_struct *work);

static DECLARE_DELAYED_WORK(pm_accept_work, pm_accept_worker);
static struct socket *pm_listener;	/* changes only while pm_accept_work cannot run */
static void (*pm_listener_data_ready)(struct sock *sk);

/**
 * pm_listen_poke() - there may be a connection to accept, and room for it
 *
 * Context: any.
 */
void pm_listen_poke(void)
{
	mod_delayed_work(system_wq, &pm_accept_work, 0);
}

/* sk_data_ready of the listening socket; connections inherit it until they are accepted */
static void pm_listen_data_ready(struct sock *sk)
{
	if (sk->sk_state == TCP_LISTEN)
		pm_listen_poke();
}

static void pm_listen_set_callback(struct sock *sk, void (*data_ready)(struct sock *sk))
{
	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(sk->sk_data_ready, data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

static void pm_accept_worker(struct work_struct *work)
{
	unsigned int left = PM_ACCEPT_BATCH;
	struct socket *sock;
	int err;

	while (!(err = pm_callers_room(READ_ONCE(pm_listener->sk->sk_ack_backlog)))) {
		err = left-- ? kernel_accept(pm_listener, &sock, O_NONBLOCK) : -EBUSY;
		if (!err) {
			pm_listen_set_callback(sock->sk, pm_listener_data_ready);
			pm_caller_new(sock);
		} else if (err == -EAGAIN) {
			return;
		} else if (err != -ECONNABORTED) {
			/* out of memory, or a flood: go on in a moment */
			schedule_delayed_work(&pm_accept_work, left ? HZ / 10 : 1);
			return;
		}
	}
	if (err == -EBUSY)
		schedule_delayed_work(&pm_accept_work, HZ / 20);
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
	/* the address may be there only when the network is up */
	ip_sock_set_freebind((*sockp)->sk);
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
	pm_callers_start();
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
	pm_callers_stop();
	if (!pm_listener)
		return;
	pm_listen_set_callback(pm_listener->sk, pm_listener_data_ready);
	synchronize_net();
	cancel_delayed_work_sync(&pm_accept_work);
	pm_callers_wait();
	sock_release(pm_listener);
	pm_listener = NULL;
	/* Connections that nobody accepted had our callback until now. */
	synchronize_net();
}

/**
 * pm_listening() - are connections being accepted?
 *
 * Context: may sleep. The configuration is locked.
 * Return: true if so.
 */
bool pm_listening(void)
{
	return READ_ONCE(pm_listener);
}
