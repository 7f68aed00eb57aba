/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A channel is one authenticated TCP connection of a link, with messages on
 * it (struct pm_hdr). One task reads; any task may send.
 */
#ifndef PM_CHAN_H
#define PM_CHAN_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include "wire.h"

struct pm_link;
struct sock;
struct socket;

/**
 * struct pm_buf - one received message, payload follows the structure
 * @type: enum pm_msg
 * @flags: of the header
 * @seq: of the header
 * @len: bytes in @data
 * @data: the payload, not yet checked by anybody
 */
struct pm_buf {
	u16 type;
	u16 flags;
	u32 seq;
	u32 len;
	u8 data[] __aligned(8);
};

#define PM_CHAN_DEAD	0	/* bit of pm_chan.flags: no more traffic, in either direction */

/**
 * struct pm_chan - one connection
 * @ref: lifetime; the last put closes the socket
 * @sock: the connection, valid while a reference is held
 * @link: the link it belongs to, a counted reference
 * @kind: enum pm_chan_kind
 * @open: the message that opened it (not for PM_CHAN_LINK)
 * @send_lock: serialises whole messages
 * @wait: woken when data arrives and when the channel dies
 * @flags: PM_CHAN_DEAD
 * @kick_lock: protects @kick and @kick_arg against softirq
 * @kick: called in softirq context when data arrives or the channel dies; must not sleep
 * @kick_arg: handed to @kick
 * @entry: in the list of the link, protected by the link's lock
 * @max: largest payload that is accepted (images, on process channels, may be larger)
 * @data_ready, @state_change, @write_space: the socket's own callbacks
 */
struct pm_chan {
	struct kref ref;
	struct socket *sock;
	struct pm_link *link;
	enum pm_chan_kind kind;
	struct pm_open open;
	struct mutex send_lock;		/* whole messages */
	wait_queue_head_t wait;
	unsigned long flags;
	spinlock_t kick_lock;		/* the two below */
	void (*kick)(void *arg);
	void *kick_arg;
	struct list_head entry;
	u32 max;
	void (*data_ready)(struct sock *sk);
	void (*state_change)(struct sock *sk);
	void (*write_space)(struct sock *sk);
};

/*
 * pm_chan_open() - connect to a node and open a channel of @kind
 * Context: may sleep up to the connect time-out (5 s), killable.
 * Return: a channel with one reference, or ERR_PTR: -ENXIO node not configured,
 * -EHOSTUNREACH no link to it, -EINTR killed, or what the socket says.
 */
struct pm_chan *pm_chan_open(u32 node, enum pm_chan_kind kind, const struct pm_open *open);
/* The same in two steps, for one that is connected already; NULL: there is none. See link.c. */
struct pm_chan *pm_chan_reserve(u32 node);
int pm_chan_begin(struct pm_chan *chan, enum pm_chan_kind kind, const struct pm_open *open);

/* An accepted channel is handed to the function of its kind, which takes a
 * reference if it keeps it. Called in process context of a worker; may
 * sleep. Non-zero closes the connection.
 */
int pm_accept_proc(struct pm_chan *chan);	/* nursery.c */
int pm_accept_forked(struct pm_chan *chan);	/* fork.c, of kind PROC too */
int pm_accept_thread(struct pm_chan *chan);	/* join.c */
int pm_accept_fetch(struct pm_chan *chan);	/* pager.c */
int pm_accept_push(struct pm_chan *chan);	/* pager.c */
int pm_accept_object(struct pm_chan *chan);	/* linger.c */
int pm_accept_changed(struct pm_chan *chan);	/* changed.c */
int pm_accept_spare(struct pm_chan *chan);	/* spare.c */

struct pm_chan *pm_chan_get(struct pm_chan *chan);
void pm_chan_put(struct pm_chan *chan);	/* may sleep on the last put */

/*
 * pm_chan_kill() - end all traffic; wakes and kicks whoever waits. Idempotent.
 * Context: process context, does not wait for the peer.
 */
void pm_chan_kill(struct pm_chan *chan);

/* The same, and gives up the reference. May sleep. */
void pm_chan_drop(struct pm_chan *chan);

/* Instead of pm_chan_drop(): another use may be found for it, see spare.c. */
void pm_spare_return(struct pm_chan *chan);

/* The same as pm_chan_drop() when nothing is under way; leaves no port in use. */
void pm_chan_finish(struct pm_chan *chan);

static inline bool pm_chan_dead(struct pm_chan *chan)
{
	return test_bit(PM_CHAN_DEAD, &chan->flags);
}

/**
 * struct pm_service - channels of one kind that are served by a thread each
 * @name: of the threads
 * @serve: what they do with their channel, before they drop it
 * @max: how many there may be at a time, of all nodes
 * @n: how many there are
 */
struct pm_service {
	const char *name;
	void (*serve)(struct pm_chan *chan);
	int max;
	atomic_t n;
};

/* Serve @chan. May sleep. Return: 0, -EBUSY too many, -ESHUTDOWN the module is going, -ENOMEM. */
int pm_chan_serve(struct pm_chan *chan, struct pm_service *service);

/*
 * pm_chan_set_kick() - register the softirq notification (NULL to remove).
 * When it returns, the old function is not running and will not be called again. What
 * arrived before is not notified: ask pm_chan_readable() afterwards.
 */
void pm_chan_set_kick(struct pm_chan *chan, void (*kick)(void *arg), void *arg);

/* At least one byte can be read, or the channel is closed or dead. Any context. */
bool pm_chan_readable(struct pm_chan *chan);

/*
 * pm_chan_send() - send one message of up to two pieces; pm_chan_sendv() of @n pieces
 * Context: sleeps for buffer space; signals do not interrupt it; a dying link does.
 * Return: 0, -EPIPE when the channel is dead (then it is killed), or -EMSGSIZE: larger than
 * the peer would accept, nothing has been sent.
 */
int pm_chan_send(struct pm_chan *chan, u16 type, u32 seq, const void *a, size_t alen,
		 const void *b, size_t blen);
int pm_chan_sendv(struct pm_chan *chan, u16 type, u16 flags, u32 seq, struct kvec *vec, int n);
/* The same, along with the next message, or with pm_chan_flush(); see chan.c. */
int pm_chan_sendv_along(struct pm_chan *chan, u16 type, u16 flags, u32 seq, struct kvec *vec,
			int n);
void pm_chan_flush(struct pm_chan *chan);

/*
 * pm_chan_recv() - receive one message
 * @timeout: jiffies to wait for its first byte; MAX_SCHEDULE_TIMEOUT for ever; 0 to only look
 * Context: sleeps, killable while no byte has arrived; freezable. Once a byte has arrived it
 * waits for the rest, until the peer has made no progress for dead_after seconds.
 * Return: the message (pm_buf_free()), or ERR_PTR: -EPIPE dead or closed, -ETIMEDOUT,
 * -EINTR a fatal signal is pending, -EPROTO (the link has been dropped), -ENOMEM (the
 * message is lost, the channel goes on with the next one).
 */
struct pm_buf *pm_chan_recv(struct pm_chan *chan, long timeout);

/* Wait for one message of @type: 0, what FAILED says, -EPROTO, or as pm_chan_recv(). */
int pm_await(struct pm_chan *chan, u16 type);
int pm_await_for(struct pm_chan *chan, u16 type, long timeout);
void pm_buf_free(struct pm_buf *buf);

#endif
