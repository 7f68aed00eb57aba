/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link layer's own interfaces: chan.c, sock.c, auth.c, link.c, spare.c, beat.c,
 * node.c, connect.c, config.c, listen.c, caller.c, machine.c.
 *
 * A node is what the administrator configured. A link is one session with that
 * node: it begins with a handshake and ends for good when it is dropped; the next
 * handshake makes a new one. So a reference to a link never means another session
 * than the one it was taken in.
 */
#ifndef PM_NODE_INTERNAL_H
#define PM_NODE_INTERNAL_H

#include <linux/average.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "auth.h"
#include "chan.h"
#include "link.h"

/* Moves that go on at a time: while one waits for the network another one makes its image. */
#define PM_TURNS	4

/* Channels that may overtake one another between opening and acceptance. */
#define PM_REPLAY_WINDOW	1024

#define PM_CONNECT_TIMEOUT	(5 * HZ)

/* Spare channels that a node makes; that it keeps, with those that it is done with. */
#define PM_SPARES		8
#define PM_SPARES_KEPT		16
/* Those that it lets a peer have. */
#define PM_SPARES_HELD		24

DECLARE_EWMA(pm_rtt, 4, 8)

/**
 * struct pm_node - a configured node
 * @ref: lifetime; the node table holds one until @task is stopped, each link holds one
 * @id: its id
 * @addr: where it listens
 * @task: kthread that makes or awaits links and runs them; NULL while we have no id or no
 *	key. Protected by the lock of the configuration.
 * @wait: where @task sleeps between links
 * @lock: protects @stop, @link, @trying, @why, @state and @since
 * @stop: no new link may be made
 * @link: the current session, a counted reference, or NULL
 * @trying: connection attempt of @task, a reference of @task's
 * @why: why the link is not up
 * @state: of the link
 * @since: wall clock seconds of the last change of @state
 * @turns: moves to it, and home from it, that may begin; see turn.c
 * @ups: how often a link came up
 * @tx_msgs, @tx_bytes, @rx_msgs, @rx_bytes, @auth_failures: see struct pm_node_info
 */
struct pm_node {
	struct kref ref;
	u32 id;
	struct sockaddr_storage addr;
	struct task_struct *task;
	wait_queue_head_t wait;
	spinlock_t lock;		/* stop, link, trying, why, state, since */
	bool stop;
	struct pm_link *link;
	struct pm_chan *trying;
	char why[PM_WHY_LEN];
	enum pm_link_state state;
	time64_t since;
	struct semaphore turns[2];
	atomic64_t ups;
	atomic64_t tx_msgs;
	atomic64_t tx_bytes;
	atomic64_t rx_msgs;
	atomic64_t rx_bytes;
	atomic64_t auth_failures;
};

/**
 * struct pm_link - one session with a node
 * @ref: lifetime; the node and each channel hold one
 * @node: the other end, a counted reference
 * @session: keys, id and what the peer's hello said; constant
 * @active: we made the connection
 * @sent: counter of the last channel that was opened from here
 * @heard: jiffies when a message came last, on whatever channel
 * @lock: protects all that follows
 * @dead: dropped; no new channel may join
 * @up: both sides know that the other one is authentic
 * @ctrl: the control channel, a counted reference, NULL once dead
 * @chans: open channels (not counted: a channel leaves when it is freed)
 * @nr_chans: their number
 * @seen_max: highest counter of an accepted channel
 * @seen: which of the PM_REPLAY_WINDOW counters up to @seen_max were there, by residue
 * @load: the peer's load vector
 * @rtt: smoothed round trip time in microseconds
 * @clock: the peer's CLOCK_MONOTONIC minus ours in ns, or a little less, by the best exchange
 * @clock_rtt: round trip time of that exchange in ns, 0 if there was none
 * @spares: spare channels that we have opened, with references
 * @nr_spares: their number
 * @nr_held: spare channels that the peer has opened
 * @spare_work: makes more of @spares; a reference while it is queued, which it is not once @dead
 */
struct pm_link {
	struct kref ref;
	struct pm_node *node;
	struct pm_session session;
	bool active;
	atomic64_t sent;
	unsigned long heard;
	spinlock_t lock;		/* all that follows */
	bool dead;
	bool up;
	struct pm_chan *ctrl;
	struct list_head chans;
	unsigned int nr_chans;
	u64 seen_max;
	DECLARE_BITMAP(seen, PM_REPLAY_WINDOW);
	struct pm_load load;
	struct ewma_pm_rtt rtt;
	s64 clock;
	u64 clock_rtt;
	struct pm_chan *spares[PM_SPARES_KEPT];
	unsigned int nr_spares;
	unsigned int nr_held;
	struct delayed_work spare_work;
};

/* chan.c */

/* Seconds without a sign of life after which a peer is dead, in jiffies. */
unsigned long pm_dead_after(void);
struct pm_chan *pm_chan_new(struct socket *sock, enum pm_chan_kind kind);
void pm_chan_set_kind(struct pm_chan *chan, enum pm_chan_kind kind);

/* sock.c */

static inline int pm_addr_len(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					     sizeof(struct sockaddr_in);
}

struct socket *pm_sock_new(const struct sockaddr_storage *addr);
int pm_sock_connect(struct pm_chan *chan, const struct sockaddr_storage *addr, long timeout);
void pm_sock_attach(struct pm_chan *chan);
void pm_sock_detach(struct pm_chan *chan);
int pm_sock_wait(struct pm_chan *chan, long timeout);
int pm_sock_pull(struct pm_chan *chan, void *buf, size_t len);
int pm_sock_push(struct pm_chan *chan, struct kvec *vec, int n, size_t len, int flags);
void pm_chan_notify(struct pm_chan *chan);
/* Exactly @len bytes, before messages begin. Return: 0, -ETIMEDOUT, -EPIPE. */
int pm_chan_read_raw(struct pm_chan *chan, void *buf, size_t len, unsigned long deadline);
int pm_chan_write_raw(struct pm_chan *chan, const void *buf, size_t len);

/* link.c */

/*
 * pm_link_new() - a session of @node with @ctrl as control channel
 * Takes references to @node and @ctrl.
 * Return: link with one reference or NULL.
 */
struct pm_link *pm_link_new(struct pm_node *node, struct pm_chan *ctrl,
			    const struct pm_session *session, bool active);
struct pm_link *pm_link_get(struct pm_link *link);
void pm_link_put(struct pm_link *link);	/* may sleep on the last put */
/* The current link of a node, counted, or NULL. */
struct pm_link *pm_link_find(struct pm_node *node);
/* Would processes end with it? */
bool pm_link_in_use(struct pm_link *link);
/* Make @chan one of @link's. Return: 0, or -EPIPE if the link is dead. */
int pm_link_attach(struct pm_link *link, struct pm_chan *chan);
void pm_link_detach(struct pm_link *link, struct pm_chan *chan);
/* Note an authentic join. False: this counter was used before or is too old. */
bool pm_link_fresh(struct pm_link *link, u64 counter);

/* Connect, and open a channel of @kind. Return: channel with one reference, or ERR_PTR. */
struct pm_chan *pm_chan_connect(struct pm_link *link, enum pm_chan_kind kind,
				const struct pm_open *open);

/* spare.c */

int pm_spares_init(void);
void pm_spares_exit(void);
void pm_spare_begin(struct pm_link *link);
void pm_spare_end(struct pm_link *link);
struct pm_chan *pm_spare_take(struct pm_link *link);

/* beat.c */

/* Serve the control channel until the link is dead; kthread of the node. */
void pm_link_run(struct pm_link *link);

/* node.c */

extern struct xarray pm_nodes;	/* id -> struct pm_node; see config.c for its locking */
struct pm_node *pm_node_new(u32 id, const struct sockaddr_storage *addr);
/* A configured node, counted, or NULL. */
struct pm_node *pm_node_get(u32 id);
void pm_node_put(struct pm_node *node);
/* Is this the address (without port) of @node; of any configured node? */
bool pm_node_has_addr(const struct pm_node *node, const struct sockaddr_storage *addr);
bool pm_node_known_addr(const struct sockaddr_storage *addr);
/* @link becomes the link of its node, in place of an older one. Return: 0 or -ESHUTDOWN. */
int pm_node_adopt(struct pm_link *link);
void pm_node_set_state(struct pm_node *node, enum pm_link_state state, const char *why);
/* The link of a node is up, unless it has been replaced meanwhile. */
void pm_node_set_up(struct pm_link *link);

/* connect.c */

int pm_node_start(struct pm_node *node);
void pm_node_stop(struct pm_node *node, const char *why);
/* We connect to nodes with a higher id, those with a lower one connect to us. */
static inline bool pm_node_active(const struct pm_node *node)
{
	return pm_self_id() < node->id;
}

/* listen.c */

/* Return: 0, or why connections can't be accepted there. */
int pm_listen_start(const struct sockaddr_storage *bind, u16 port);
/* Returns when no handler is running any more; links have been dropped before. */
void pm_listen_stop(void);
bool pm_listening(void);
void pm_listen_poke(void);

/* caller.c */

int pm_callers_init(void);
void pm_callers_exit(void);
void pm_callers_start(void);
void pm_callers_stop(void);
void pm_callers_wait(void);
int pm_callers_room(bool waits);
void pm_caller_new(struct socket *sock);
/* Hand an authentic channel to the function of its kind. Return: what that returns, or -EPROTO. */
int pm_chan_dispatch(struct pm_chan *chan);

/* machine.c */

void pm_machine_init(void);
void pm_machine_pack(struct pm_wire_machine *wire, const struct pm_machine *machine);
void pm_machine_unpack(struct pm_machine *machine, const struct pm_wire_machine *wire);

#endif
