/* SPDX-License-Identifier: GPL-2.0 */
/* Nodes that we know, and the authenticated link to each of them. */
#ifndef PM_LINK_H
#define PM_LINK_H

#include <linux/socket.h>
#include <linux/types.h>
#include "wire.h"

struct pm_link;

#define PM_NODE_HOME	0	/* "home" where a node id is expected; never a real id */
#define PM_NODE_MAX	65535

/**
 * struct pm_machine - what a program can see of a machine; part of the hello
 * @cpu: feature words as in cpuinfo_x86.x86_capability, reduced to what user space sees
 * @xfeatures: extended state components (XCR0) that are in use
 * @xsize: size of the standard format area
 * @xoffset: offset of each component in the standard format, 0 if absent
 * @kernel: hash of the kernel's release, version and architecture
 * @vdso: hash of the vdso's text
 * @pid_max: largest pid + 1 that the machine can give
 */
struct pm_machine {
	u32 cpu[PM_CPU_WORDS];
	u64 xfeatures;
	u32 xsize;
	u32 xoffset[PM_XFEATURES];
	u8 kernel[32];
	u8 vdso[32];
	u32 pid_max;
};

/* Our own id, 0 while not configured. Any context. */
u32 pm_self_id(void);
/* Our own machine, filled at module load, constant afterwards. */
const struct pm_machine *pm_machine_self(void);

/*
 * pm_link_machine() - copy what the hello of @node said
 * Return: 0, -ENXIO unknown node, -EHOSTUNREACH no link now. May sleep.
 */
int pm_link_machine(u32 node, struct pm_machine *machine);

/*
 * pm_machine_missing() - can a program that has seen @have go on at @to?
 * @have: features that it may have looked at; @xfeatures: state components it may use
 * @name: where to put the name of the first thing that is missing
 * The layout of the state is compared with that of this node.
 * Return: true if something is missing.
 */
bool pm_machine_missing(const u32 *have, u64 xfeatures, const struct pm_machine *to,
			char *name, size_t len);

/* All channels of the link to @node are killed and it is set up anew. @why: for the log. */
void pm_link_drop(struct pm_link *link, const char *why);

/* Is there a link to @node now? May sleep. */
bool pm_node_linked(u32 node);
/* The node does not do what it has to: drop the link to it, if there is one. May sleep. */
void pm_node_drop(u32 node, const char *why);

/* Is the link still up? Any context. */
bool pm_link_alive(struct pm_link *link);

/*
 * pm_link_clock() - how far is the peer's CLOCK_MONOTONIC ahead of ours?
 * @offset: in ns, good to half a round trip
 * Return: false while no exchange has told. Any context that may take a spinlock.
 */
bool pm_link_clock(struct pm_link *link, s64 *offset);

/* Id of the node at the other end of the link. */
u32 pm_link_node(const struct pm_link *link);

/* ---- set up and teardown, for main.c ---- */

/* Needs pm_compat_init(). May sleep. Return: 0 or a negative errno. */
int pm_links_init(void);
/* All links are dropped; no socket, kthread or work of the link layer is left. */
void pm_links_exit(void);

/* ---- configuration and state, for netlink.c; all may sleep ---- */

#define PM_KEY_MIN	16
#define PM_KEY_MAX	64
#define PM_WHY_LEN	128

/** enum pm_link_state - of the link to a node, see the diagram in node.c */
enum pm_link_state {
	PM_LINK_DOWN,		/* no attempt is made: we have no id or no key */
	PM_LINK_CONNECTING,	/* not there yet; see pm_node_info.why */
	PM_LINK_UP,
};

/** struct pm_load - struct pm_wire_load on this node */
struct pm_load {
	u32 load;
	u32 cpus;
	u64 mem_total;
	u64 mem_free;
	u32 guests;
};

/**
 * struct pm_node_info - a configured node and the link to it
 * @id: its id
 * @addr: its address, port included
 * @state: of the link
 * @why: why it is not up, for people; empty while it is up
 * @since: wall clock time of the last change of @state, in seconds
 * @rtt_us: round trip time of heartbeats, smoothed; 0 while unknown
 * @channels: connections open now
 * @ups: how often the link has come up
 * @tx_msgs, @tx_bytes, @rx_msgs, @rx_bytes: traffic on all channels, since it was added
 * @auth_failures: connections from it or to it that failed to authenticate
 * @load: its load vector, all 0 while not up
 * @release: release of its kernel, empty while not up
 */
struct pm_node_info {
	u32 id;
	struct sockaddr_storage addr;
	enum pm_link_state state;
	char why[PM_WHY_LEN];
	u64 since;
	u32 rtt_us;
	u32 channels;
	u64 ups;
	u64 tx_msgs;
	u64 tx_bytes;
	u64 rx_msgs;
	u64 rx_bytes;
	u64 auth_failures;
	struct pm_load load;
	char release[PM_RELEASE_LEN + 1];
};

/**
 * struct pm_self_info - this node
 * @id: own id, 0 if none is set
 * @bind: address that is listened on and connected from; AF_UNSPEC: any
 * @port: TCP port that is listened on
 * @key: a cluster key is set
 * @listening: connections are accepted
 */
struct pm_self_info {
	u32 id;
	struct sockaddr_storage bind;
	u16 port;
	bool key;
	bool listening;
};

/**
 * enum pm_count - counters of the link layer, since the module was loaded
 * @PM_COUNT_ACCEPTED: connections that arrived
 * @PM_COUNT_UNKNOWN: closed: not from the address of a configured node
 * @PM_COUNT_REFUSED: closed: authentic, but wrong id, version or session
 * @PM_COUNT_AUTH_FAILED: closed: not authentic
 * @PM_COUNT_TIMEOUT: closed: the handshake was not finished in time
 * @PM_COUNT_REPLAY: closed: seen before
 * @PM_COUNT_PROTO: links dropped since the peer broke the protocol
 * @PM_COUNT_UP: links that came up
 * @PM_COUNT_DOWN: links that went down
 * @PM_COUNT_OPENED: channels opened from here
 * @PM_COUNT_JOINED: channels opened by peers
 * @PM_COUNT_FOREIGN: requests for pages from a node that the process does not go to
 * @PM_COUNT_MAX: number of counters
 */
enum pm_count {
	PM_COUNT_ACCEPTED,
	PM_COUNT_UNKNOWN,
	PM_COUNT_REFUSED,
	PM_COUNT_AUTH_FAILED,
	PM_COUNT_TIMEOUT,
	PM_COUNT_REPLAY,
	PM_COUNT_PROTO,
	PM_COUNT_UP,
	PM_COUNT_DOWN,
	PM_COUNT_OPENED,
	PM_COUNT_JOINED,
	PM_COUNT_FOREIGN,
	PM_COUNT_MAX,
};

u64 pm_count(enum pm_count which);
void pm_counter_add(enum pm_count which);

/*
 * pm_node_add() - make a node known; its link is set up in the background
 * @addr: AF_INET or AF_INET6; port 0 means PM_PORT_DEFAULT
 * Return: 0, -EINVAL bad or own id, -EAFNOSUPPORT, -EEXIST, -ENOMEM.
 */
int pm_node_add(u32 id, const struct sockaddr_storage *addr);
/* Drops the link and forgets the node. Return: 0, -ENXIO, -EBUSY processes depend on the link. */
int pm_node_del(u32 id);

/*
 * pm_node_set_self() - set our own id; all links are dropped and set up anew
 * @id: 1..PM_NODE_MAX, or 0 to leave the cluster
 * @bind: address to listen on and to connect from, NULL for any
 * @port: 0 means PM_PORT_DEFAULT
 * Return: 0, -EINVAL bad id, -EAFNOSUPPORT, -EEXIST a node of that id is configured,
 * -EBUSY processes depend on links, or why the port can't be listened on (the id is set all the
 * same).
 */
int pm_node_set_self(u32 id, const struct sockaddr_storage *bind, u16 port);
void pm_self_info(struct pm_self_info *info);

/*
 * pm_key_set() - set the cluster key; all links are dropped and set up anew
 * @len: PM_KEY_MIN..PM_KEY_MAX, or 0 to forget it
 * Return: 0, -EINVAL bad length, -EBUSY processes depend on links, or why the port can't be
 * listened on.
 */
int pm_key_set(const void *key, size_t len);

/* The first configured node with an id of at least @from. Return: 0 or -ENOENT. */
int pm_node_next(u32 from, struct pm_node_info *info);
/* Return: 0 or -ENXIO. */
int pm_node_info(u32 id, struct pm_node_info *info);
/* This node's own load vector. */
void pm_load_self(struct pm_load *load);

/* Number of surrogates here changes by @n: for the load vector. Any context. */
void pm_guests_add(int n);

/* A link came up or went down. Process context. Provided by netlink.c. */
void pm_event_link(u32 node, bool up);

#endif
