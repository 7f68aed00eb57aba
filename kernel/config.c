// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of the link layer: our own id, the cluster key, the nodes.
 *
 * Locking: pm_config_lock serialises all of it. It is never taken by kthreads of nodes
 * or handlers of connections, for which its holder waits. The node table changes only
 * under it and under the lock of the xarray, under which others read it. The spinlocks
 * of nodes, links and of our own address do not nest, and nobody sleeps under them.
 */
#include <linux/slab.h>
#include "node.h"

static DEFINE_MUTEX(pm_config_lock);
static DEFINE_SPINLOCK(pm_self_lock);	/* protects pm_self */
static struct pm_self_info pm_self = { .port = PM_PORT_DEFAULT };

/**
 * pm_self_id() - our own node id
 *
 * Context: any.
 * Return: the id, 0 if none is configured.
 */
u32 pm_self_id(void)
{
	return READ_ONCE(pm_self.id);
}

/**
 * pm_self_info() - what is configured for this node
 * @info: filled
 *
 * Context: may sleep.
 */
void pm_self_info(struct pm_self_info *info)
{
	spin_lock(&pm_self_lock);
	*info = pm_self;
	spin_unlock(&pm_self_lock);
	info->key = pm_auth_have_key();
	info->listening = pm_listening();
}

/* All links are gone and no connection is accepted when this returns. */
static void pm_stop_all(const char *why)
{
	struct pm_node *node;
	unsigned long id;

	xa_for_each(&pm_nodes, id, node)
		pm_node_stop(node, why);
	pm_listen_stop();
}

static bool pm_node_in_use(struct pm_node *node)
{
	struct pm_link *link = pm_link_find(node);
	bool used = link && pm_link_in_use(link);

	if (link)
		pm_link_put(link);
	return used;
}

/* Would processes end if all links went? */
static bool pm_nodes_in_use(void)
{
	struct pm_node *node;
	unsigned long id;

	xa_for_each(&pm_nodes, id, node)
		if (pm_node_in_use(node))
			return true;
	return false;
}

static bool pm_configured(void)
{
	return pm_self_id() && pm_auth_have_key();
}

/* Accept and make links, if we have an id and a key. Return: 0, or why we can't listen. */
static int pm_start_all(void)
{
	struct pm_node *node;
	unsigned long id;
	int err;

	if (!pm_configured())
		return 0;
	err = pm_listen_start(&pm_self.bind, pm_self.port);
	xa_for_each(&pm_nodes, id, node)
		if (pm_node_start(node))
			pr_err("node %lu: no kernel thread could be started\n", id);
	return err;
}

static bool pm_addr_valid(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET || addr->ss_family == AF_INET6;
}

/**
 * pm_node_add() - make a node known; see link.h
 * @id: its id
 * @addr: where it listens
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EAFNOSUPPORT, -EEXIST, -ENOMEM.
 */
int pm_node_add(u32 id, const struct sockaddr_storage *addr)
{
	struct pm_node *node;
	int err;

	if (!id || id > PM_NODE_MAX)
		return -EINVAL;
	if (!pm_addr_valid(addr))
		return -EAFNOSUPPORT;
	node = pm_node_new(id, addr);
	if (!node)
		return -ENOMEM;
	mutex_lock(&pm_config_lock);
	err = id == pm_self_id() ? -EINVAL : xa_insert(&pm_nodes, id, node, GFP_KERNEL);
	if (err) {
		pm_node_put(node);
		if (err == -EBUSY)
			err = -EEXIST;
	} else if (pm_configured()) {
		err = pm_node_start(node);
		if (err) {
			xa_erase(&pm_nodes, id);
			pm_node_put(node);
		}
	}
	mutex_unlock(&pm_config_lock);
	return err;
}

/**
 * pm_node_del() - drop the link to a node and forget it
 * @id: its id
 *
 * Context: may sleep.
 * Return: 0, -ENXIO, or -EBUSY: processes of one end run at the other one.
 */
int pm_node_del(u32 id)
{
	struct pm_node *node;
	int err = 0;

	mutex_lock(&pm_config_lock);
	node = xa_load(&pm_nodes, id);
	if (!node) {
		err = -ENXIO;
	} else if (pm_node_in_use(node)) {
		err = -EBUSY;
	} else {
		xa_erase(&pm_nodes, id);
		pm_node_stop(node, "the node was deleted");
		pm_node_put(node);
	}
	mutex_unlock(&pm_config_lock);
	return err;
}

/**
 * pm_node_set_self() - set our own id, address and port; see link.h
 * @id: own id, 0 to leave the cluster
 * @bind: address to listen on and to connect from, NULL for any
 * @port: port to listen on, 0 for the default
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EAFNOSUPPORT, -EEXIST, -EBUSY processes are away or guests here, or why we
 * can't listen there.
 */
int pm_node_set_self(u32 id, const struct sockaddr_storage *bind, u16 port)
{
	struct pm_self_info self = { .id = id, .port = port ?: PM_PORT_DEFAULT };
	int err = -EEXIST;

	if (id > PM_NODE_MAX)
		return -EINVAL;
	if (bind && !pm_addr_valid(bind))
		return -EAFNOSUPPORT;
	if (bind) {
		self.bind = *bind;
		((struct sockaddr_in *)&self.bind)->sin_port = 0;
	}
	mutex_lock(&pm_config_lock);
	if (xa_load(&pm_nodes, id))
		goto unlock;
	/* said again, by a boot script perhaps: what is away goes on */
	err = 0;
	if (self.id == pm_self.id && self.port == pm_self.port &&
	    !memcmp(&self.bind, &pm_self.bind, sizeof(self.bind)) &&
	    (!pm_configured() || pm_listening()))
		goto unlock;
	err = -EBUSY;
	if (pm_nodes_in_use())
		goto unlock;
	pm_stop_all(id ? "the id of this node was changed" : "this node has no id");
	spin_lock(&pm_self_lock);
	pm_self = self;
	spin_unlock(&pm_self_lock);
	err = pm_start_all();
unlock:
	mutex_unlock(&pm_config_lock);
	return err;
}

/**
 * pm_key_set() - set the cluster key; see link.h
 * @key: the key
 * @len: its length, 0 to forget it
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EBUSY processes are away or guests here, or why we can't listen.
 */
int pm_key_set(const void *key, size_t len)
{
	int err;

	if (len && (len < PM_KEY_MIN || len > PM_KEY_MAX))
		return -EINVAL;
	mutex_lock(&pm_config_lock);
	err = 0;
	if (pm_auth_is_key(key, len) && (!pm_configured() || pm_listening()))
		goto unlock;
	err = -EBUSY;
	if (pm_nodes_in_use())
		goto unlock;
	pm_stop_all(len ? "the cluster key was changed" : "this node has no key");
	err = pm_auth_set_key(key, len) ?: pm_start_all();
unlock:
	mutex_unlock(&pm_config_lock);
	return err;
}

/**
 * pm_links_init() - set the link layer up; without id and key it does nothing
 *
 * Context: may sleep. After pm_compat_init().
 * Return: 0 or a negative errno.
 */
int pm_links_init(void)
{
	int err;

	pm_machine_init();
	err = pm_auth_init();
	if (err)
		return err;
	err = pm_callers_init();
	if (err)
		goto auth_exit;
	err = pm_spares_init();
	if (err)
		goto callers_exit;
	return 0;

callers_exit:
	pm_callers_exit();
auth_exit:
	pm_auth_exit();
	return err;
}

/**
 * pm_links_exit() - drop all links, forget all nodes
 *
 * No socket, kthread or work of the link layer is left. Channels to which others still
 * hold references are dead; they must be put before the module goes.
 *
 * Context: may sleep.
 */
void pm_links_exit(void)
{
	struct pm_node *node;
	unsigned long id;

	mutex_lock(&pm_config_lock);
	pm_stop_all("the module is being unloaded");
	xa_for_each(&pm_nodes, id, node) {
		xa_erase(&pm_nodes, id);
		pm_node_put(node);
	}
	WRITE_ONCE(pm_self.id, 0);
	mutex_unlock(&pm_config_lock);
	pm_callers_exit();
	pm_spares_exit();
	pm_auth_exit();
}
