// SPDX-License-Identifier: GPL-2.0
/*
 * Links: one session with a node, from the end of the handshake to its death.
 *
 * The kthread of the node serves the control channel (beat.c). All other connections of the
 * session are attached to the link and die with it.
 *
 * Death has two phases. pm_link_drop() marks the link dead under its lock, after
 * which no channel can be attached; takes it from its node, so that it is not found
 * any more; and kills the channels that it had, the control channel among them. That
 * wakes the kthread, which reports the death. The memory goes with the last
 * reference, that is, after the last channel.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/slab.h>
#include "keep.h"
#include "node.h"

/**
 * pm_link_new() - begin a session
 * @node: the other end
 * @ctrl: its control channel, attached to no link yet
 * @session: what the handshake agreed on
 * @active: we made the connection
 *
 * Takes references to @node and @ctrl. Not to be found until pm_node_adopt().
 *
 * Context: may sleep.
 * Return: link with one reference, or NULL without memory.
 */
struct pm_link *pm_link_new(struct pm_node *node, struct pm_chan *ctrl,
			    const struct pm_session *session, bool active)
{
	struct pm_link *link = kzalloc(sizeof(*link), GFP_KERNEL);

	if (!link)
		return NULL;
	kref_init(&link->ref);
	kref_get(&node->ref);
	link->node = node;
	link->session = *session;
	link->active = active;
	link->heard = jiffies;
	spin_lock_init(&link->lock);
	INIT_LIST_HEAD(&link->chans);
	ewma_pm_rtt_init(&link->rtt);
	pm_spare_begin(link);
	pm_link_attach(link, ctrl);
	link->ctrl = pm_chan_get(ctrl);
	return link;
}

static void pm_link_release(struct kref *ref)
{
	struct pm_link *link = container_of(ref, struct pm_link, ref);

	pm_node_put(link->node);
	kfree_sensitive(link);
}

/**
 * pm_link_get() - take a reference
 * @link: link to which the caller has a reference
 *
 * Context: any.
 * Return: @link.
 */
struct pm_link *pm_link_get(struct pm_link *link)
{
	kref_get(&link->ref);
	return link;
}

/**
 * pm_link_put() - drop a reference
 * @link: the link; has been dropped (pm_link_drop()) if this is the last one
 *
 * Context: may sleep.
 */
void pm_link_put(struct pm_link *link)
{
	kref_put(&link->ref, pm_link_release);
}

/**
 * pm_link_find() - the current link of a node
 * @node: the node
 *
 * Context: any but hard interrupts. Takes @node->lock.
 * Return: link with a reference for the caller, or NULL. It need not be up.
 */
struct pm_link *pm_link_find(struct pm_node *node)
{
	struct pm_link *link;

	spin_lock(&node->lock);
	link = node->link;
	if (link)
		kref_get(&link->ref);
	spin_unlock(&node->lock);
	return link;
}

/**
 * pm_link_node() - who is at the other end?
 * @link: the link
 *
 * Context: any.
 * Return: its node id.
 */
u32 pm_link_node(const struct pm_link *link)
{
	return link->node->id;
}

/**
 * pm_link_attach() - make a channel one of the link's
 * @link: the link
 * @chan: channel of no link; takes a reference to the link for life
 *
 * Context: process context. Takes @link->lock.
 * Return: 0, or -EPIPE if the link is dead.
 */
int pm_link_attach(struct pm_link *link, struct pm_chan *chan)
{
	int err = -EPIPE;

	spin_lock(&link->lock);
	if (!link->dead) {
		list_add_tail(&chan->entry, &link->chans);
		link->nr_chans++;
		chan->link = pm_link_get(link);
		err = 0;
	}
	spin_unlock(&link->lock);
	return err;
}

/**
 * pm_link_detach() - a channel is being freed
 * @link: its link; the reference remains the caller's
 * @chan: the channel
 *
 * Context: process context. Takes @link->lock.
 */
void pm_link_detach(struct pm_link *link, struct pm_chan *chan)
{
	spin_lock(&link->lock);
	if (!list_empty(&chan->entry)) {
		list_del_init(&chan->entry);
		link->nr_chans--;
	}
	spin_unlock(&link->lock);
}

/**
 * pm_link_in_use() - are there processes that would end with this link?
 * @link: the link
 *
 * Context: process context. Takes @link->lock.
 * Return: true if so: some of either end run at the other one.
 */
bool pm_link_in_use(struct pm_link *link)
{
	struct pm_chan *chan;
	bool used = false;

	spin_lock(&link->lock);
	list_for_each_entry(chan, &link->chans, entry)
		used |= chan->kind == PM_CHAN_THREAD && !pm_chan_dead(chan);
	spin_unlock(&link->lock);
	return used;
}

/* A channel of a dead link that has not been killed yet, with a reference; or NULL. */
static struct pm_chan *pm_link_pop(struct pm_link *link)
{
	struct pm_chan *chan = NULL;

	spin_lock(&link->lock);
	while (!chan && !list_empty(&link->chans)) {
		chan = list_first_entry(&link->chans, struct pm_chan, entry);
		list_del_init(&chan->entry);
		link->nr_chans--;
		if (!kref_get_unless_zero(&chan->ref))
			chan = NULL;	/* being freed, waits for our lock in detach */
	}
	spin_unlock(&link->lock);
	return chan;
}

/**
 * pm_link_drop() - end a session; the next one is set up in the background
 * @link: the link; nothing happens if it has been dropped before
 * @why: sentence for the log and for people who ask
 *
 * Context: may sleep; no locks of the link layer may be held.
 */
void pm_link_drop(struct pm_link *link, const char *why)
{
	struct pm_node *node = link->node;
	struct pm_chan *ctrl, *chan;
	bool mine, up;

	spin_lock(&link->lock);
	if (link->dead) {
		spin_unlock(&link->lock);
		return;
	}
	link->dead = true;
	up = link->up;
	ctrl = link->ctrl;
	link->ctrl = NULL;
	spin_unlock(&link->lock);

	spin_lock(&node->lock);
	mine = node->link == link;
	if (mine)
		node->link = NULL;
	spin_unlock(&node->lock);

	if (mine)
		pm_node_set_state(node, PM_LINK_CONNECTING, why);
	if (up)
		pr_info("link to node %u is down: %s\n", node->id, why);
	while ((chan = pm_link_pop(link)))
		pm_chan_drop(chan);
	pm_spare_end(link);
	pm_linger_forget(node->id, 0);
	pm_chan_put(ctrl);
	if (mine)
		pm_link_put(link);
}

/**
 * pm_link_fresh() - is this join the first one with its counter?
 * @link: link of the session; the join is authentic
 * @counter: of the join
 *
 * Connections overtake one another, so counters are remembered in a window. The bit of
 * a counter is its residue; those that the window passes over are cleared.
 *
 * Context: process context. Takes @link->lock.
 * Return: false if it has been used, or is so old that we can't know.
 */
bool pm_link_fresh(struct pm_link *link, u64 counter)
{
	bool fresh;
	u64 step;

	spin_lock(&link->lock);
	if (counter > link->seen_max) {
		step = min_t(u64, counter - link->seen_max, PM_REPLAY_WINDOW);
		while (step)
			__clear_bit((counter - --step) % PM_REPLAY_WINDOW, link->seen);
		link->seen_max = counter;
	}
	fresh = counter && link->seen_max - counter < PM_REPLAY_WINDOW &&
		!__test_and_set_bit(counter % PM_REPLAY_WINDOW, link->seen);
	spin_unlock(&link->lock);
	return fresh;
}

/* The link of a node, if it is up. Return: counted, or ERR_PTR. */
static struct pm_link *pm_link_up(u32 id)
{
	struct pm_node *node = pm_node_get(id);
	struct pm_link *link;

	if (!node)
		return ERR_PTR(-ENXIO);
	link = pm_link_find(node);
	pm_node_put(node);
	if (!link)
		return ERR_PTR(-EHOSTUNREACH);
	if (!READ_ONCE(link->up)) {
		pm_link_put(link);
		return ERR_PTR(-EHOSTUNREACH);
	}
	return link;
}

/**
 * pm_link_machine() - what a node's hello said of its machine
 * @node: its id
 * @machine: filled
 *
 * Context: may sleep.
 * Return: 0, -ENXIO unknown node, -EHOSTUNREACH no link now.
 */
int pm_link_machine(u32 node, struct pm_machine *machine)
{
	struct pm_link *link = pm_link_up(node);

	if (IS_ERR(link))
		return PTR_ERR(link);
	*machine = link->session.machine;
	pm_link_put(link);
	return 0;
}

/* Is there a link to @node now? May sleep. */
bool pm_node_linked(u32 node)
{
	struct pm_link *link = pm_link_up(node);

	if (IS_ERR(link))
		return false;
	pm_link_put(link);
	return true;
}

/* The node does not do what it has to: drop the link to it, if there is one. May sleep. */
void pm_node_drop(u32 node, const char *why)
{
	struct pm_link *link = pm_link_up(node);

	if (IS_ERR(link))
		return;
	pm_link_drop(link, why);
	pm_link_put(link);
}

static int pm_chan_join(struct pm_link *link, struct pm_chan *chan)
{
	struct pm_join join = {
		.first.magic = cpu_to_le32(PM_MAGIC),
		.first.len = cpu_to_le16(sizeof(join)),
		.first.kind = cpu_to_le16(chan->kind),
		.node = cpu_to_le32(pm_self_id()),
		.session = cpu_to_le64(link->session.id),
		.counter = cpu_to_le64(atomic64_inc_return(&link->sent)),
		.open = chan->open,
	};

	return pm_auth_join(&link->session, &join) ?:
	       pm_chan_write_raw(chan, &join, sizeof(join));
}

/**
 * pm_chan_connect() - make a connection, and a channel of it
 * @link: the link
 * @kind: what it is for; not PM_CHAN_LINK
 * @open: what it is for, in detail
 *
 * Context, return: as pm_chan_open().
 */
struct pm_chan *pm_chan_connect(struct pm_link *link, enum pm_chan_kind kind,
				const struct pm_open *open)
{
	struct socket *sock = pm_sock_new(&link->node->addr);
	struct pm_chan *chan = IS_ERR(sock) ? ERR_CAST(sock) : pm_chan_new(sock, kind);
	int err;

	if (IS_ERR(chan))
		return chan;
	chan->open = *open;
	err = pm_link_attach(link, chan) ?:
	      pm_sock_connect(chan, &link->node->addr, PM_CONNECT_TIMEOUT) ?:
	      pm_chan_join(link, chan);
	if (!err)
		return chan;
	pm_chan_drop(chan);
	return ERR_PTR(err);
}

/**
 * pm_chan_reserve() - a channel to a node that is connected already
 * @node: its id
 *
 * The peer keeps only a few of them: pm_chan_begin() is to follow soon.
 *
 * Context: may sleep, not for the network.
 * Return: channel of kind SPARE with one reference, or NULL if there is none.
 */
struct pm_chan *pm_chan_reserve(u32 node)
{
	struct pm_link *link = pm_link_up(node);
	struct pm_chan *chan;

	if (IS_ERR(link))
		return NULL;
	chan = pm_spare_take(link);
	pm_link_put(link);
	return chan;
}

/**
 * pm_chan_begin() - say what a reserved channel is for
 * @chan: from pm_chan_reserve()
 * @kind: what it is for, see pm_chan_open()
 * @open: what it is for, in detail
 *
 * Context: sleeps for buffer space.
 * Return: 0 or -EPIPE.
 */
int pm_chan_begin(struct pm_chan *chan, enum pm_chan_kind kind, const struct pm_open *open)
{
	struct kvec vec = { .iov_base = (void *)open, .iov_len = sizeof(*open) };
	int err = pm_chan_sendv(chan, PM_MSG_OPEN, kind, 0, &vec, 1);

	if (err)
		return err;
	pm_chan_set_kind(chan, kind);
	chan->open = *open;
	pm_counter_add(PM_COUNT_OPENED);
	return 0;
}

/**
 * pm_chan_open() - open a further channel to a node
 * @node: its id
 * @kind: what it is for; not PM_CHAN_LINK or PM_CHAN_SPARE
 * @open: what it is for, in detail
 *
 * Messages may be sent at once; if the peer does not want the channel it closes it.
 *
 * Context: sleeps up to PM_CONNECT_TIMEOUT, killable.
 * Return: channel with one reference, or ERR_PTR: -ENXIO node not configured,
 * -EHOSTUNREACH no link to it, -EINTR killed, -ENOMEM, or what the socket says.
 */
struct pm_chan *pm_chan_open(u32 node, enum pm_chan_kind kind, const struct pm_open *open)
{
	struct pm_chan *chan = pm_chan_reserve(node);
	struct pm_link *link;

	if (chan && !pm_chan_begin(chan, kind, open))
		return chan;
	if (chan)
		pm_chan_drop(chan);
	link = pm_link_up(node);
	if (IS_ERR(link))
		return ERR_CAST(link);
	chan = pm_chan_connect(link, kind, open);
	if (!IS_ERR(chan))
		pm_counter_add(PM_COUNT_OPENED);
	pm_link_put(link);
	return chan;
}

bool pm_link_alive(struct pm_link *link)
{
	return READ_ONCE(link->up) && !READ_ONCE(link->dead);
}
