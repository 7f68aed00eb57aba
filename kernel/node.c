// SPDX-License-Identifier: GPL-2.0
/*
 * Configured nodes: the table, and the state of the link to each.
 *
 *	DOWN --- own id and key set ---> CONNECTING --- authentic ---> UP
 *	  ^                               ^     |                       |
 *	  |                               +-----|-- link dropped -------+
 *	  +--- id or key changed, node deleted -+-----------------------+
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/ipv6.h>
#include "node.h"

DEFINE_XARRAY(pm_nodes);
static atomic64_t pm_counters[PM_COUNT_MAX];

/**
 * pm_counter_add() - count an event
 * @which: the counter
 *
 * Context: any.
 */
void pm_counter_add(enum pm_count which)
{
	atomic64_inc(&pm_counters[which]);
}

/**
 * pm_count() - read a counter
 * @which: the counter
 *
 * Context: any.
 * Return: its value.
 */
u64 pm_count(enum pm_count which)
{
	return atomic64_read(&pm_counters[which]);
}

/**
 * pm_node_get() - look a node up
 * @id: its id
 *
 * Context: process context.
 * Return: node with a reference for the caller, or NULL.
 */
struct pm_node *pm_node_get(u32 id)
{
	struct pm_node *node;

	xa_lock(&pm_nodes);
	node = xa_load(&pm_nodes, id);
	if (node)
		kref_get(&node->ref);
	xa_unlock(&pm_nodes);
	return node;
}

/**
 * pm_node_new() - a node that is in no table and has no kthread yet
 * @id: its id
 * @addr: where it listens; port 0 means the default
 *
 * Context: may sleep.
 * Return: node with one reference, or NULL without memory.
 */
struct pm_node *pm_node_new(u32 id, const struct sockaddr_storage *addr)
{
	struct pm_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	if (!node)
		return NULL;
	kref_init(&node->ref);
	node->id = id;
	node->addr = *addr;
	/* the port is at the same place in both families */
	if (!((struct sockaddr_in *)&node->addr)->sin_port)
		((struct sockaddr_in *)&node->addr)->sin_port = htons(PM_PORT_DEFAULT);
	init_waitqueue_head(&node->wait);
	spin_lock_init(&node->lock);
	sema_init(&node->turns[0], PM_TURNS);
	sema_init(&node->turns[1], PM_TURNS);
	node->stop = true;
	node->since = ktime_get_real_seconds();
	strscpy(node->why, "this node has no id or no key yet", sizeof(node->why));
	return node;
}

static void pm_node_release(struct kref *ref)
{
	kfree(container_of(ref, struct pm_node, ref));
}

/**
 * pm_node_put() - drop a reference
 * @node: the node
 *
 * Context: process context.
 */
void pm_node_put(struct pm_node *node)
{
	kref_put(&node->ref, pm_node_release);
}

static void pm_addr_to_v6(const struct sockaddr_storage *addr, struct in6_addr *v6)
{
	if (addr->ss_family == AF_INET6)
		*v6 = ((const struct sockaddr_in6 *)addr)->sin6_addr;
	else
		ipv6_addr_set_v4mapped(((const struct sockaddr_in *)addr)->sin_addr.s_addr, v6);
}

/**
 * pm_node_has_addr() - is this the address of a node?
 * @node: the node
 * @addr: address; the port does not matter
 *
 * Context: any.
 * Return: true if so.
 */
bool pm_node_has_addr(const struct pm_node *node, const struct sockaddr_storage *addr)
{
	struct in6_addr a, b;

	pm_addr_to_v6(&node->addr, &a);
	pm_addr_to_v6(addr, &b);
	return ipv6_addr_equal(&a, &b);
}

/**
 * pm_node_known_addr() - is this the address of some configured node?
 * @addr: address; the port does not matter
 *
 * Context: process context.
 * Return: true if so.
 */
bool pm_node_known_addr(const struct sockaddr_storage *addr)
{
	struct pm_node *node;
	unsigned long id;
	bool known = false;

	xa_lock(&pm_nodes);
	xa_for_each(&pm_nodes, id, node) {
		known = pm_node_has_addr(node, addr);
		if (known)
			break;
	}
	xa_unlock(&pm_nodes);
	return known;
}

/**
 * pm_node_set_state() - the link to a node is down or being made
 * @node: the node
 * @state: new state
 * @why: why it is not up
 *
 * Context: process context. Takes @node->lock.
 */
void pm_node_set_state(struct pm_node *node, enum pm_link_state state, const char *why)
{
	spin_lock(&node->lock);
	if (node->state != state)
		node->since = ktime_get_real_seconds();
	node->state = state;
	strscpy(node->why, why, sizeof(node->why));
	spin_unlock(&node->lock);
}

/**
 * pm_node_set_up() - a link is up
 * @link: the link; if it is not its node's any more, nothing happens
 *
 * Context: process context. Takes the node's lock.
 */
void pm_node_set_up(struct pm_link *link)
{
	struct pm_node *node = link->node;

	spin_lock(&node->lock);
	if (node->link == link) {
		node->state = PM_LINK_UP;
		node->since = ktime_get_real_seconds();
		node->why[0] = 0;
	}
	spin_unlock(&node->lock);
}

/**
 * pm_node_adopt() - a new link of a node can be found from now on
 * @link: from pm_link_new(); the node takes a reference
 *
 * An older link is dropped.
 *
 * Context: may sleep.
 * Return: 0, or -ESHUTDOWN if no links may be made now.
 */
int pm_node_adopt(struct pm_link *link)
{
	struct pm_node *node = link->node;
	struct pm_link *old = NULL;
	int err = -ESHUTDOWN;

	spin_lock(&node->lock);
	if (!node->stop) {
		old = node->link;
		node->link = pm_link_get(link);
		err = 0;
	}
	spin_unlock(&node->lock);
	if (old) {
		pm_link_drop(old, "the node has connected anew");
		pm_link_put(old);
	}
	wake_up(&node->wait);
	return err;
}

static void pm_node_fill_link(struct pm_node_info *info, struct pm_link *link)
{
	spin_lock(&link->lock);
	info->rtt_us = ewma_pm_rtt_read(&link->rtt);
	info->channels = link->nr_chans;
	info->load = link->load;
	spin_unlock(&link->lock);
	strscpy(info->release, link->session.release, sizeof(info->release));
}

static void pm_node_fill(struct pm_node_info *info, struct pm_node *node)
{
	struct pm_link *link;

	memset(info, 0, sizeof(*info));
	info->id = node->id;
	info->addr = node->addr;
	info->ups = atomic64_read(&node->ups);
	info->tx_msgs = atomic64_read(&node->tx_msgs);
	info->tx_bytes = atomic64_read(&node->tx_bytes);
	info->rx_msgs = atomic64_read(&node->rx_msgs);
	info->rx_bytes = atomic64_read(&node->rx_bytes);
	info->auth_failures = atomic64_read(&node->auth_failures);
	spin_lock(&node->lock);
	info->state = node->state;
	info->since = node->since;
	strscpy(info->why, node->why, sizeof(info->why));
	spin_unlock(&node->lock);
	link = info->state == PM_LINK_UP ? pm_link_find(node) : NULL;
	if (link) {
		pm_node_fill_link(info, link);
		pm_link_put(link);
	}
}

/**
 * pm_node_next() - go through the configured nodes
 * @from: smallest id that is wanted
 * @info: filled for the first node with at least that id
 *
 * Context: may sleep.
 * Return: 0 or -ENOENT.
 */
int pm_node_next(u32 from, struct pm_node_info *info)
{
	unsigned long id = from;
	struct pm_node *node;

	xa_lock(&pm_nodes);
	node = xa_find(&pm_nodes, &id, PM_NODE_MAX, XA_PRESENT);
	if (node)
		kref_get(&node->ref);
	xa_unlock(&pm_nodes);
	if (!node)
		return -ENOENT;
	pm_node_fill(info, node);
	pm_node_put(node);
	return 0;
}

/**
 * pm_node_info() - a node and the link to it
 * @id: its id
 * @info: filled
 *
 * Context: may sleep.
 * Return: 0 or -ENXIO.
 */
int pm_node_info(u32 id, struct pm_node_info *info)
{
	struct pm_node *node = pm_node_get(id);

	if (!node)
		return -ENXIO;
	pm_node_fill(info, node);
	pm_node_put(node);
	return 0;
}
