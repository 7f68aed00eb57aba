// SPDX-License-Identifier: GPL-2.0
/*
 * Channels, upper half: messages, life and death. Bytes are moved by sock.c.
 *
 * Death: pm_chan_kill() marks the channel, shuts the socket down and wakes all waits,
 * each of which looks at the mark. The last pm_chan_put() takes the callbacks back
 * under the socket lock, so that none is running or will run, and closes.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include "node.h"

/* Pieces of a message that are joined with its header in one call of the socket. */
#define PM_SEND_PIECES	7
/* How long a node may take for one step before the move is given up. */
#define PM_STEP_TIMEOUT	(10 * HZ)

static unsigned int dead_after = 10;
module_param(dead_after, uint, 0644);
MODULE_PARM_DESC(dead_after, "seconds of silence after which a node is dead (2..3600, default 10)");

/**
 * pm_dead_after() - the time after which a silent peer is dead
 *
 * Context: any.
 * Return: jiffies.
 */
unsigned long pm_dead_after(void)
{
	return clamp(READ_ONCE(dead_after), 2U, 3600U) * HZ;
}

/**
 * pm_chan_set_kind() - say what a channel is for
 * @chan: channel on which no message has been sent or received
 * @kind: enum pm_chan_kind
 */
void pm_chan_set_kind(struct pm_chan *chan, enum pm_chan_kind kind)
{
	chan->kind = kind;
	chan->max = kind == PM_CHAN_LINK || kind == PM_CHAN_SPARE ? PM_MAX_CTRL : PM_MAX_CALL;
}

/**
 * pm_chan_new() - make a channel of a TCP socket
 * @sock: connected or not; belongs to the channel from now on, also on error
 * @kind: what it is for
 *
 * The channel belongs to no link yet (pm_link_attach()).
 *
 * Context: may sleep.
 * Return: channel with one reference, or ERR_PTR(-ENOMEM).
 */
struct pm_chan *pm_chan_new(struct socket *sock, enum pm_chan_kind kind)
{
	struct pm_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);

	if (!chan) {
		sock_release(sock);
		return ERR_PTR(-ENOMEM);
	}
	kref_init(&chan->ref);
	chan->sock = sock;
	pm_chan_set_kind(chan, kind);
	mutex_init(&chan->send_lock);
	init_waitqueue_head(&chan->wait);
	spin_lock_init(&chan->kick_lock);
	INIT_LIST_HEAD(&chan->entry);
	pm_sock_attach(chan);
	return chan;
}

static void pm_chan_release(struct kref *ref)
{
	struct pm_chan *chan = container_of(ref, struct pm_chan, ref);

	pm_sock_detach(chan);
	sock_release(chan->sock);
	if (chan->link) {
		pm_link_detach(chan->link, chan);
		pm_link_put(chan->link);
	}
	kfree(chan);
}

/**
 * pm_chan_get() - take a reference
 * @chan: channel to which the caller has a reference
 *
 * Context: any.
 * Return: @chan.
 */
struct pm_chan *pm_chan_get(struct pm_chan *chan)
{
	kref_get(&chan->ref);
	return chan;
}

/**
 * pm_chan_put() - drop a reference; the last one closes the connection
 * @chan: the channel; what has been sent is still delivered, unless it was killed
 *
 * Context: may sleep.
 */
void pm_chan_put(struct pm_chan *chan)
{
	kref_put(&chan->ref, pm_chan_release);
}

/**
 * pm_chan_kill() - end all traffic
 * @chan: the channel; may be dead already
 *
 * Whoever waits is woken and kicked. What the peer has not read yet may be lost.
 *
 * Context: may sleep, does not wait for the peer.
 */
void pm_chan_kill(struct pm_chan *chan)
{
	if (test_and_set_bit(PM_CHAN_DEAD, &chan->flags))
		return;
	/* Nobody cares any more: do not let it linger if the peer is gone. */
	tcp_sock_set_user_timeout(chan->sock->sk, jiffies_to_msecs(pm_dead_after()));
	kernel_sock_shutdown(chan->sock, SHUT_RDWR);
	pm_chan_notify(chan);
}

/**
 * pm_chan_drop() - kill a channel, and put it
 * @chan: the channel; others may hold references to it
 *
 * Context: may sleep, does not wait for the peer.
 */
void pm_chan_drop(struct pm_chan *chan)
{
	pm_chan_kill(chan);
	pm_chan_put(chan);
}

/**
 * pm_chan_finish() - end a channel on which nothing is under way, and put it
 * @chan: the channel
 *
 * Its port can be used again at once: for who opens many of them.
 *
 * Context: may sleep, does not wait for the peer.
 */
void pm_chan_finish(struct pm_chan *chan)
{
	sock_no_linger(chan->sock->sk);
	pm_chan_drop(chan);
}

/** struct pm_serving - a thread of a service, and its channel, a counted reference */
struct pm_serving {
	struct pm_service *service;
	struct pm_chan *chan;
};

static int pm_serving_kthread(void *arg)
{
	struct pm_serving *serving = arg;

	serving->service->serve(serving->chan);
	pm_chan_drop(serving->chan);
	atomic_dec(&serving->service->n);
	kfree(serving);
	module_put_and_kthread_exit(0);
}

/**
 * pm_chan_serve() - have a new thread serve a channel
 * @chan: the channel, which gets a reference more
 * @service: what to do with it
 *
 * Context: process context, may sleep. The caller need not hold a reference to the module.
 * Return: 0, -EBUSY there are too many, -ESHUTDOWN the module is being unloaded, -ENOMEM, -EINTR.
 */
int pm_chan_serve(struct pm_chan *chan, struct pm_service *service)
{
	struct pm_serving *serving = NULL;
	struct task_struct *task;
	int err = -EBUSY;

	if (atomic_inc_return(&service->n) > service->max)
		goto uncount;
	err = -ENOMEM;
	serving = kmalloc(sizeof(*serving), GFP_KERNEL);
	if (!serving)
		goto uncount;
	err = -ESHUTDOWN;
	if (!try_module_get(THIS_MODULE))
		goto uncount;
	serving->service = service;
	serving->chan = pm_chan_get(chan);
	task = kthread_run(pm_serving_kthread, serving, "%s", service->name);
	if (!IS_ERR(task))
		return 0;
	err = PTR_ERR(task);
	pm_chan_put(chan);
	module_put(THIS_MODULE);
uncount:
	kfree(serving);
	atomic_dec(&service->n);
	return err;
}

/**
 * pm_chan_set_kick() - register the notification of arriving data and of death
 * @chan: the channel
 * @kick: called in softirq context with a spinlock held; NULL for none
 * @arg: its argument
 *
 * Context: process context, not from @kick.
 */
void pm_chan_set_kick(struct pm_chan *chan, void (*kick)(void *arg), void *arg)
{
	spin_lock_bh(&chan->kick_lock);
	chan->kick = kick;
	chan->kick_arg = arg;
	spin_unlock_bh(&chan->kick_lock);
}

static struct pm_buf *pm_buf_alloc(u32 len)
{
	/* No image is worth killing another process. */
	gfp_t gfp = len > PM_MAX_CALL ? GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN :
					GFP_KERNEL;

	return kvmalloc(struct_size((struct pm_buf *)NULL, data, len), gfp);
}

/**
 * pm_buf_free() - free a received message
 * @buf: from pm_chan_recv(), or NULL
 *
 * Context: may sleep.
 */
void pm_buf_free(struct pm_buf *buf)
{
	kvfree(buf);
}

static u32 pm_chan_max(const struct pm_chan *chan, u16 type)
{
	return chan->kind == PM_CHAN_PROC && type == PM_MSG_IMAGE ? PM_MAX_IMAGE : chan->max;
}

/* The peer broke a rule: that costs it the link. */
static struct pm_buf *pm_chan_broken(struct pm_chan *chan, const char *why)
{
	pm_chan_kill(chan);
	if (chan->link) {
		pm_counter_add(PM_COUNT_PROTO);
		pm_link_drop(chan->link, why);
	}
	return ERR_PTR(-EPROTO);
}

/**
 * pm_chan_recv() - receive one message
 * @chan: the channel; the caller is the only one who reads
 * @timeout: jiffies to wait for the first byte, may be 0 or MAX_SCHEDULE_TIMEOUT
 *
 * Context: sleeps, see chan.h.
 * Return: the message, or ERR_PTR: -EPIPE, -ETIMEDOUT, -EINTR, -EPROTO, -ENOMEM.
 */
struct pm_buf *pm_chan_recv(struct pm_chan *chan, long timeout)
{
	struct pm_hdr hdr;
	struct pm_buf *buf;
	u32 len;
	int ret;

	might_sleep();
	ret = pm_sock_wait(chan, timeout);
	if (ret)
		return ERR_PTR(ret);
	if (pm_sock_pull(chan, &hdr, sizeof(hdr)))
		return ERR_PTR(-EPIPE);
	len = le32_to_cpu(hdr.len);
	if (hdr.zero || len > pm_chan_max(chan, le16_to_cpu(hdr.type)))
		return pm_chan_broken(chan, "it sent a malformed message");
	buf = pm_buf_alloc(len);
	ret = pm_sock_pull(chan, buf ? buf->data : NULL, len);
	if (ret || !buf) {
		pm_buf_free(buf);
		return ERR_PTR(ret ?: -ENOMEM);
	}
	buf->type = le16_to_cpu(hdr.type);
	buf->flags = le16_to_cpu(hdr.flags);
	buf->seq = le32_to_cpu(hdr.seq);
	buf->len = len;
	if (chan->link) {
		WRITE_ONCE(chan->link->heard, jiffies);
		atomic64_inc(&chan->link->node->rx_msgs);
		atomic64_add(sizeof(hdr) + len, &chan->link->node->rx_bytes);
	}
	return buf;
}

/**
 * pm_await() - the next step of the peer
 * @chan: the channel; the caller is the only one who reads
 * @type: the message that must come; anything else but FAILED is a breach of the protocol
 *
 * Context: sleeps for PM_STEP_TIMEOUT at most, killable.
 * Return: 0, the error that FAILED tells, -EPROTO, or an error of pm_chan_recv().
 */
int pm_await(struct pm_chan *chan, u16 type)
{
	return pm_await_for(chan, type, PM_STEP_TIMEOUT);
}

/* The same, for another time. */
int pm_await_for(struct pm_chan *chan, u16 type, long timeout)
{
	struct pm_buf *buf = pm_chan_recv(chan, timeout);
	const struct pm_failed *failed;
	int err = 0;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (buf->type == PM_MSG_FAILED && buf->len == sizeof(*failed)) {
		failed = (const void *)buf->data;
		/* what is for user space only */
		err = le32_to_cpu(failed->err);
		err = err > 0 && err <= EHWPOISON ? -err : -EREMOTEIO;
	} else if (buf->type != type) {
		err = -EPROTO;
	}
	pm_buf_free(buf);
	return err;
}

/* @more: MSG_MORE if it may wait for company, or 0. */
static int pm_chan_write(struct pm_chan *chan, u16 type, u16 flags, u32 seq, struct kvec *vec,
			 int n, int more)
{
	struct kvec joined[PM_SEND_PIECES + 1];
	struct pm_hdr hdr = {
		.type = cpu_to_le16(type),
		.flags = cpu_to_le16(flags),
		.seq = cpu_to_le32(seq),
	};
	size_t len = 0;
	int i, err;

	for (i = 0; i < n; i++)
		len += vec[i].iov_len;
	if (len > pm_chan_max(chan, type))
		return -EMSGSIZE;
	hdr.len = cpu_to_le32(len);
	joined[0].iov_base = &hdr;
	joined[0].iov_len = sizeof(hdr);

	mutex_lock(&chan->send_lock);
	if (n <= PM_SEND_PIECES) {
		memcpy(joined + 1, vec, n * sizeof(*vec));
		err = pm_sock_push(chan, joined, n + 1, sizeof(hdr) + len, more);
	} else {
		err = pm_sock_push(chan, joined, 1, sizeof(hdr),
				   len ? MSG_MORE : more);
		if (!err)
			err = pm_sock_push(chan, vec, n, len, more);
	}
	mutex_unlock(&chan->send_lock);
	if (!err && chan->link) {
		atomic64_inc(&chan->link->node->tx_msgs);
		atomic64_add(sizeof(hdr) + len, &chan->link->node->tx_bytes);
	}
	return err;
}

/**
 * pm_chan_sendv() - send one message
 * @chan: the channel
 * @type: enum pm_msg
 * @flags: header flags
 * @seq: request number
 * @vec: pieces of the payload, in kernel memory
 * @n: number of pieces, may be 0
 *
 * Context: sleeps for buffer space, not interrupted by signals. Takes @chan->send_lock.
 * Return: 0, -EPIPE, or -EMSGSIZE.
 */
int pm_chan_sendv(struct pm_chan *chan, u16 type, u16 flags, u32 seq, struct kvec *vec, int n)
{
	return pm_chan_write(chan, type, flags, seq, vec, n, 0);
}

/**
 * pm_chan_sendv_along() - send one message along with the next one
 * @chan: the channel
 * @type: enum pm_msg
 * @flags: header flags
 * @seq: request number
 * @vec: pieces of the payload, in kernel memory
 * @n: number of pieces, may be 0
 *
 * To hand over a packet of its own takes longer than all else. Without a next message
 * pm_chan_flush() sends it, or TCP, which waits for a fifth of a second.
 *
 * Context, Return: as pm_chan_sendv().
 */
int pm_chan_sendv_along(struct pm_chan *chan, u16 type, u16 flags, u32 seq, struct kvec *vec,
			int n)
{
	return pm_chan_write(chan, type, flags, seq, vec, n, MSG_MORE);
}

/**
 * pm_chan_flush() - let go what pm_chan_sendv_along() holds back
 * @chan: the channel; others may be sending
 *
 * Context: may sleep.
 */
void pm_chan_flush(struct pm_chan *chan)
{
	/* it is so already, and that pushes out what is there */
	tcp_sock_set_nodelay(chan->sock->sk);
}

/**
 * pm_chan_send() - send one message of up to two pieces
 * @chan: the channel
 * @type: enum pm_msg
 * @seq: request number
 * @a: first piece, may be NULL
 * @alen: its length
 * @b: second piece, may be NULL
 * @blen: its length
 *
 * Context, Return: as pm_chan_sendv().
 */
int pm_chan_send(struct pm_chan *chan, u16 type, u32 seq, const void *a, size_t alen,
		 const void *b, size_t blen)
{
	struct kvec vec[2] = {
		{ .iov_base = (void *)a, .iov_len = alen },
		{ .iov_base = (void *)b, .iov_len = blen },
	};

	return pm_chan_sendv(chan, type, 0, seq, vec, 2);
}
