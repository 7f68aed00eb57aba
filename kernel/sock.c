// SPDX-License-Identifier: GPL-2.0
/*
 * Channels, lower half: bytes on a kernel TCP socket.
 *
 * The tasks that have something to say or to hear call the socket themselves, no
 * thread stands between. They are often in the middle of signal delivery, so
 * signal_pending() may be true for long, and a wait inside the socket code would end
 * at once and tear a message apart. So the socket is only used with MSG_DONTWAIT, and
 * the waits are our own, on @wait of the channel, which the socket's callbacks wake.
 *
 * The pages of user memory that a task faults in may come over a channel while the
 * same task is inside sendmsg() of another socket; so channels do not use the task's
 * page fragment (sk_use_task_frag).
 */
#include <linux/freezer.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>
#include "node.h"

/* Waits of channels: no load, not in the way of suspend even if the caller holds locks. */
#define PM_WAIT		(TASK_UNINTERRUPTIBLE | TASK_NOLOAD | TASK_FREEZABLE_UNSAFE)
#define PM_WAIT_KILL	(PM_WAIT | TASK_WAKEKILL)

/* Wait for @cond on the channel. @state: PM_WAIT*. As wait_event_killable_timeout(). */
#define pm_chan_wait(chan, cond, state, timeout) \
	___wait_event((chan)->wait, ___wait_cond_timeout(cond), state, 0, timeout, \
		      __ret = schedule_timeout(__ret))

/**
 * pm_chan_notify() - wake and kick whoever waits for a channel
 * @chan: the channel
 *
 * Context: any but hard interrupts.
 */
void pm_chan_notify(struct pm_chan *chan)
{
	if (wq_has_sleeper(&chan->wait))
		wake_up(&chan->wait);
	spin_lock_bh(&chan->kick_lock);
	if (chan->kick)
		chan->kick(chan->kick_arg);
	spin_unlock_bh(&chan->kick_lock);
}

/* sk_data_ready and sk_state_change; softirq, or the owner of the socket lock */
static void pm_sock_notify(struct sock *sk)
{
	struct pm_chan *chan;

	read_lock_bh(&sk->sk_callback_lock);
	chan = sk->sk_user_data;
	if (chan)
		pm_chan_notify(chan);
	read_unlock_bh(&sk->sk_callback_lock);
}

/* sk_write_space; context as pm_sock_notify() */
static void pm_sock_write_space(struct sock *sk)
{
	struct pm_chan *chan;

	read_lock_bh(&sk->sk_callback_lock);
	chan = sk->sk_user_data;
	if (chan && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &chan->sock->flags);
		wake_up(&chan->wait);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/*
 * The last words of a kernel's socket are not sent again after it has been closed, and its end is
 * not told again: TCP stops its timers, since its network namespace might go (tcp_close()). One
 * that holds the namespace is spared.
 */
static void pm_sock_outlive(struct sock *sk)
{
	if (sk->sk_net_refcnt)
		return;
	sk->sk_net_refcnt = 1;
	get_net_track(sock_net(sk), &sk->ns_tracker, GFP_KERNEL);
	sock_inuse_add(sock_net(sk), 1);
}

/**
 * pm_sock_attach() - take over the callbacks of the channel's socket, set its options
 * @chan: new channel
 *
 * Context: may sleep.
 */
void pm_sock_attach(struct pm_chan *chan)
{
	struct sock *sk = chan->sock->sk;

	tcp_sock_set_nodelay(sk);
	/* A thread may compute for days: notice if the network forgets its connection. */
	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, 30);
	tcp_sock_set_keepintvl(sk, 5);
	tcp_sock_set_keepcnt(sk, 6);

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	chan->data_ready = sk->sk_data_ready;
	chan->state_change = sk->sk_state_change;
	chan->write_space = sk->sk_write_space;
	sk->sk_user_data = chan;
	WRITE_ONCE(sk->sk_data_ready, pm_sock_notify);
	sk->sk_state_change = pm_sock_notify;
	WRITE_ONCE(sk->sk_write_space, pm_sock_write_space);
	write_unlock_bh(&sk->sk_callback_lock);
	sk->sk_use_task_frag = false;
	pm_sock_outlive(sk);
	release_sock(sk);
}

/**
 * pm_sock_detach() - give the callbacks back
 * @chan: channel that nobody uses any more
 *
 * The callbacks run under the socket lock or with the socket owned, so none is running
 * when this returns.
 *
 * Context: may sleep.
 */
void pm_sock_detach(struct pm_chan *chan)
{
	struct sock *sk = chan->sock->sk;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	WRITE_ONCE(sk->sk_data_ready, chan->data_ready);
	sk->sk_state_change = chan->state_change;
	WRITE_ONCE(sk->sk_write_space, chan->write_space);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

/**
 * pm_sock_new() - create a TCP socket for a connection to an address
 * @addr: the address; the socket is bound to our own if we have one of its family
 *
 * Context: may sleep.
 * Return: the socket, or ERR_PTR.
 */
struct socket *pm_sock_new(const struct sockaddr_storage *addr)
{
	struct pm_self_info self;
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, addr->ss_family, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return ERR_PTR(err);
	pm_self_info(&self);
	if (self.bind.ss_family != addr->ss_family)
		return sock;
	err = kernel_bind(sock, (struct sockaddr *)&self.bind, pm_addr_len(&self.bind));
	if (err) {
		sock_release(sock);
		return ERR_PTR(err);
	}
	return sock;
}

/* The three-way handshake is over, for better or worse. */
static bool pm_sock_settled(struct pm_chan *chan)
{
	return pm_chan_dead(chan) ||
	       !((1 << READ_ONCE(chan->sock->sk->sk_state)) & (TCPF_SYN_SENT | TCPF_SYN_RECV));
}

/**
 * pm_sock_connect() - connect a new channel
 * @chan: the channel, on a socket of pm_sock_new()
 * @addr: where to
 * @timeout: jiffies
 *
 * Context: sleeps, killable; pm_chan_kill() ends it.
 * Return: 0, -ETIMEDOUT, -EINTR, -EPIPE killed, or what the socket says.
 */
int pm_sock_connect(struct pm_chan *chan, const struct sockaddr_storage *addr, long timeout)
{
	struct sock *sk = chan->sock->sk;
	long left;
	int err;

	err = kernel_connect(chan->sock, (struct sockaddr *)addr, pm_addr_len(addr), O_NONBLOCK);
	if (err && err != -EINPROGRESS)
		return err;
	left = pm_chan_wait(chan, pm_sock_settled(chan), PM_WAIT_KILL, timeout);
	if (left <= 0)
		return left ? -EINTR : -ETIMEDOUT;
	if (pm_chan_dead(chan))
		return -EPIPE;
	if ((1 << READ_ONCE(sk->sk_state)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		return 0;
	return sock_error(sk) ?: -ECONNREFUSED;
}

/**
 * pm_chan_readable() - would pm_chan_recv() find something?
 * @chan: the channel
 *
 * Context: any.
 * Return: true if at least one byte has arrived, or the channel is closed or dead.
 */
bool pm_chan_readable(struct pm_chan *chan)
{
	const struct sock *sk = chan->sock->sk;

	return pm_chan_dead(chan) || !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) || READ_ONCE(sk->sk_err);
}

/**
 * pm_sock_wait() - wait until something can be read
 * @chan: the channel
 * @timeout: jiffies, may be 0 or MAX_SCHEDULE_TIMEOUT
 *
 * Context: sleeps, killable.
 * Return: 0, -ETIMEDOUT or -EINTR.
 */
int pm_sock_wait(struct pm_chan *chan, long timeout)
{
	long left;

	if (pm_chan_readable(chan))
		return 0;
	if (!timeout)
		return -ETIMEDOUT;
	left = pm_chan_wait(chan, pm_chan_readable(chan), PM_WAIT_KILL, timeout);
	if (left <= 0)
		return left ? -EINTR : -ETIMEDOUT;
	return 0;
}

/*
 * Take what has arrived, up to @len bytes; without @buf it is thrown away. Return: number
 * of bytes, 0 if nothing is there, -EPIPE closed or dead.
 */
static int pm_sock_take(struct pm_chan *chan, void *buf, size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	int flags = MSG_DONTWAIT;
	int ret;

	if (pm_chan_dead(chan))
		return -EPIPE;
	if (buf) {
		iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	} else {
		iov_iter_discard(&msg.msg_iter, ITER_DEST, len);
		flags |= MSG_TRUNC;
	}
	ret = sock_recvmsg(chan->sock, &msg, flags);
	if (ret > 0)
		return ret;
	if (ret == -EAGAIN)
		return 0;
	pm_chan_kill(chan);
	return -EPIPE;
}

/* One that is to die waits for no peer that sends byte by byte: the channel is its own. */
static bool pm_sock_forsaken(const struct pm_chan *chan)
{
	return (chan->kind == PM_CHAN_THREAD || chan->kind == PM_CHAN_PROC) &&
	       fatal_signal_pending(current);
}

/**
 * pm_sock_pull() - receive the rest of a message that has begun to arrive
 * @chan: the channel
 * @buf: where to put it, NULL to throw it away
 * @len: exactly that many bytes
 *
 * Context: sleeps until all is there, the channel is dead, or the peer has made no
 * progress for pm_dead_after().
 * Return: 0, or -EPIPE and the channel is dead.
 */
int pm_sock_pull(struct pm_chan *chan, void *buf, size_t len)
{
	size_t done = 0;
	int ret;

	while (done < len) {
		ret = pm_sock_take(chan, buf ? buf + done : NULL, len - done);
		if (ret < 0)
			return ret;
		done += ret;
		if (ret || (!pm_sock_forsaken(chan) &&
			    pm_chan_wait(chan, pm_chan_readable(chan), PM_WAIT, pm_dead_after())))
			continue;
		pm_chan_kill(chan);
		return -EPIPE;
	}
	return 0;
}

/**
 * pm_chan_read_raw() - read a part of the handshake
 * @chan: the connection
 * @buf: where to put it
 * @len: exactly that many bytes
 * @deadline: jiffies by which all must have arrived
 *
 * Context: may sleep, not interrupted by signals.
 * Return: 0, -ETIMEDOUT, or -EPIPE if the connection is closed or dead.
 */
int pm_chan_read_raw(struct pm_chan *chan, void *buf, size_t len, unsigned long deadline)
{
	size_t done = 0;
	long left;
	int ret;

	while (done < len) {
		ret = pm_sock_take(chan, buf + done, len - done);
		if (ret < 0)
			return ret;
		done += ret;
		if (ret)
			continue;
		left = deadline - jiffies;
		if (left <= 0 || !pm_chan_wait(chan, pm_chan_readable(chan), PM_WAIT, left))
			return -ETIMEDOUT;
	}
	return 0;
}

/**
 * pm_sock_push() - send bytes
 * @chan: the channel, with its send lock held if others may send
 * @vec: pieces
 * @n: number of pieces
 * @len: bytes in all pieces
 * @flags: 0 or MSG_MORE
 *
 * Context: sleeps until there was room for all, the channel is dead, or the peer has taken nothing
 * for pm_dead_after().
 * Return: 0, or -EPIPE and the channel is dead.
 */
int pm_sock_push(struct pm_chan *chan, struct kvec *vec, int n, size_t len, int flags)
{
	struct sock *sk = chan->sock->sk;
	struct msghdr msg = {};
	unsigned int stuck = 0;
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, vec, n, len);
	while (msg_data_left(&msg)) {
		if (pm_chan_dead(chan))
			return -EPIPE;
		msg.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | flags;
		ret = sock_sendmsg(chan->sock, &msg);
		if (ret > 0) {
			stuck = 0;
		} else if (ret != -EAGAIN) {
			pm_chan_kill(chan);
			return -EPIPE;
		} else if (!sk_stream_is_writeable(sk)) {
			if (!pm_chan_wait(chan, pm_chan_dead(chan) || sk_stream_is_writeable(sk),
					  PM_WAIT, pm_dead_after()))
				pm_chan_kill(chan);
		} else if (stuck++) {
			/* room in the buffer, but TCP has no memory: nobody will wake us */
			schedule_timeout_uninterruptible(1);
		}
	}
	return 0;
}

/**
 * pm_chan_write_raw() - write a part of the handshake
 * @chan: the connection; nobody else sends
 * @buf: the bytes
 * @len: how many
 *
 * Context: may sleep.
 * Return: 0 or -EPIPE.
 */
int pm_chan_write_raw(struct pm_chan *chan, const void *buf, size_t len)
{
	struct kvec vec = { .iov_base = (void *)buf, .iov_len = len };

	return pm_sock_push(chan, &vec, 1, len, 0);
}
