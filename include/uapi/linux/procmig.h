/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family of procmig, the module that moves running processes to
 * other nodes. Documentation/netlink/specs/procmig.yaml says the same to programs.
 *
 * Refusals. Each carries a sentence in NLMSGERR_ATTR_MSG, for which the socket
 * option NETLINK_EXT_ACK must be set.
 *
 * Permissions. Commands marked "admin" need CAP_NET_ADMIN; the others are for
 * everybody. PROCMIG_CMD_MIGRATE and PROCMIG_CMD_POLICY_SET are then judged by the
 * rules for the process.
 *
 * The family lives in the initial network namespace. Process ids in requests and
 * replies are those of the caller's pid namespace; what is not visible there is
 * left out.
 */
#ifndef _UAPI_LINUX_PROCMIG_H
#define _UAPI_LINUX_PROCMIG_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PROCMIG_FAMILY_NAME	"procmig"
#define PROCMIG_FAMILY_VERSION	1
#define PROCMIG_GROUP_EVENTS	"events"

/* Sizes of the cluster key, in bytes. */
#define PROCMIG_KEY_MIN		16
#define PROCMIG_KEY_MAX		64

/* Largest node id; 0 is no id, and means home where a destination is expected. */
#define PROCMIG_NODE_MAX	65535

/**
 * enum procmig_cmd - commands and events
 * @PROCMIG_CMD_UNSPEC: not used
 * @PROCMIG_CMD_SELF_SET: (admin) our own NODE id (0: leave the cluster), and ADDR and PORT
 *	to listen on if not on all addresses and the default port. All links are set up anew.
 * @PROCMIG_CMD_SELF_GET: NODE, ADDR, PORT, KEY_SET, LISTENING and LOAD_* of this node
 * @PROCMIG_CMD_KEY_SET: (admin) KEY, the secret that all nodes of the cluster share; without
 *	it, the key is forgotten. All links are set up anew.
 * @PROCMIG_CMD_NODE_ADD: (admin) NODE and ADDR of another node; port 0 is the default port
 * @PROCMIG_CMD_NODE_DEL: (admin) NODE; its link is cut
 * @PROCMIG_CMD_NODE_GET: NODE, or a dump of all nodes: NODE, ADDR, LINK_* and LOAD_*
 * @PROCMIG_CMD_MIGRATE: move process PID to NODE (0: home). The send call blocks until it
 *	runs there, or can't, and the acknowledgment is there when it returns.
 * @PROCMIG_CMD_PROC_GET: PID, or a dump of the processes that have moved and of the guests.
 *	For one PID that the caller may trace, REASON_COUNT and REASON say whether and why it
 *	can't move.
 * @PROCMIG_CMD_STATS_GET: STATS, counters of this node since the module was loaded
 * @PROCMIG_CMD_EVENT: (group "events") EVENT and what it is about: NODE for a link, the
 *	attributes of PROCMIG_CMD_PROC_GET and ERROR for a process
 * @PROCMIG_CMD_POLICY_SET: process PID, and all that it forks from now on, has POLICY; with
 *	PROCMIG_POLICY_NODE also POLICY_NODE (0: home), which must be reachable. Judged as a move.
 */
enum procmig_cmd {
	PROCMIG_CMD_UNSPEC,
	PROCMIG_CMD_SELF_SET,
	PROCMIG_CMD_SELF_GET,
	PROCMIG_CMD_KEY_SET,
	PROCMIG_CMD_NODE_ADD,
	PROCMIG_CMD_NODE_DEL,
	PROCMIG_CMD_NODE_GET,
	PROCMIG_CMD_MIGRATE,
	PROCMIG_CMD_PROC_GET,
	PROCMIG_CMD_STATS_GET,
	PROCMIG_CMD_EVENT,
	PROCMIG_CMD_POLICY_SET,

	/* private: */
	__PROCMIG_CMD_LAST,
	PROCMIG_CMD_MAX = __PROCMIG_CMD_LAST - 1
};

/**
 * enum procmig_attr - attributes of all commands
 * @PROCMIG_A_UNSPEC: not used
 * @PROCMIG_A_PAD: aligns 64 bit values
 * @PROCMIG_A_NODE: (u32) node id; of a process: where it runs
 * @PROCMIG_A_ADDR: (binary) struct sockaddr_in or sockaddr_in6, port included
 * @PROCMIG_A_KEY: (binary, PROCMIG_KEY_MIN to PROCMIG_KEY_MAX bytes) cluster key
 * @PROCMIG_A_KEY_SET: (flag) there is a key
 * @PROCMIG_A_PORT: (u16) TCP port that this node listens on
 * @PROCMIG_A_LISTENING: (flag) this node accepts connections
 * @PROCMIG_A_LINK_STATE: (u32, enum procmig_link) state of the link to a node
 * @PROCMIG_A_LINK_WHY: (string) why it is not up
 * @PROCMIG_A_LINK_SINCE: (u64, s) wall clock time at which LINK_STATE changed
 * @PROCMIG_A_LINK_RTT: (u32, us) round trip time, smoothed; 0 while unknown
 * @PROCMIG_A_LINK_CHANNELS: (u32) connections that are open now
 * @PROCMIG_A_LINK_UPS: (u64) times that it came up
 * @PROCMIG_A_LINK_TX_MSGS: (u64) messages sent
 * @PROCMIG_A_LINK_TX_BYTES: (u64, bytes) sent
 * @PROCMIG_A_LINK_RX_MSGS: (u64) messages received
 * @PROCMIG_A_LINK_RX_BYTES: (u64, bytes) received
 * @PROCMIG_A_LINK_AUTH_FAILURES: (u64) connections from or to it that failed to authenticate
 * @PROCMIG_A_LINK_RELEASE: (string) release of its kernel
 * @PROCMIG_A_LOAD: (u32, 1/100) load average of the last minute
 * @PROCMIG_A_LOAD_CPUS: (u32) processors online
 * @PROCMIG_A_LOAD_MEM_TOTAL: (u64, bytes) memory
 * @PROCMIG_A_LOAD_MEM_FREE: (u64, bytes) memory available
 * @PROCMIG_A_LOAD_GUESTS: (u32) guests that it runs
 * @PROCMIG_A_PID: (u32) process id on this node
 * @PROCMIG_A_HOME: (u32) node id of its home
 * @PROCMIG_A_GUEST: (flag) its home is elsewhere, this node runs it
 * @PROCMIG_A_STATE: (u32, enum procmig_state) as its home sees it
 * @PROCMIG_A_COMM: (string) name of the program
 * @PROCMIG_A_MOVES: (u64) completed moves
 * @PROCMIG_A_CALLS: (u64) system calls forwarded
 * @PROCMIG_A_SIGNALS: (u64) signals forwarded
 * @PROCMIG_A_FREEZE: (u64, ns) how long the last move stopped it
 * @PROCMIG_A_UTIME: (u64, ns) user CPU time used on other nodes
 * @PROCMIG_A_STIME: (u64, ns) system CPU time used on other nodes
 * @PROCMIG_A_MEM_EAGER: (u64, pages) went or came with the image
 * @PROCMIG_A_MEM_DEMAND: (u64, pages) pulled by a page fault
 * @PROCMIG_A_MEM_AHEAD: (u64, pages) came along with one that was pulled
 * @PROCMIG_A_MEM_PUSHED: (u64, pages) pushed in the background
 * @PROCMIG_A_MEM_FILE: (u64, pages) of mapped files, fetched from home
 * @PROCMIG_A_MEM_ZERO: (u64, pages) not sent because they were zero
 * @PROCMIG_A_MEM_LEFT: (u64, pages) still elsewhere
 * @PROCMIG_A_MEM_FAULT: (u64, ns) time that page faults have waited
 * @PROCMIG_A_REASON_COUNT: (u32) number of reasons against moving it, 0: it can move
 * @PROCMIG_A_REASON: (string, repeated) one such reason; fewer than REASON_COUNT if they
 *	don't fit into the message
 * @PROCMIG_A_EVENT: (u32, enum procmig_event) what happened
 * @PROCMIG_A_ERROR: (u32, errno) why a move failed
 * @PROCMIG_A_STATS: (nest, enum procmig_stat) counters
 * @PROCMIG_A_MEM_SIZE: (u64, pages) of its address space
 * @PROCMIG_A_MEM_RSS: (u64, pages) resident, where it runs
 * @PROCMIG_A_POLICY: (u32, enum procmig_policy) where it goes by itself
 * @PROCMIG_A_POLICY_NODE: (u32) node id that belongs to PROCMIG_POLICY_NODE
 * @PROCMIG_A_RECALLS: (u64) system calls for which it came home
 */
enum procmig_attr {
	PROCMIG_A_UNSPEC,
	PROCMIG_A_PAD,
	PROCMIG_A_NODE,
	PROCMIG_A_ADDR,
	PROCMIG_A_KEY,
	PROCMIG_A_KEY_SET,
	PROCMIG_A_PORT,
	PROCMIG_A_LISTENING,
	PROCMIG_A_LINK_STATE,
	PROCMIG_A_LINK_WHY,
	PROCMIG_A_LINK_SINCE,
	PROCMIG_A_LINK_RTT,
	PROCMIG_A_LINK_CHANNELS,
	PROCMIG_A_LINK_UPS,
	PROCMIG_A_LINK_TX_MSGS,
	PROCMIG_A_LINK_TX_BYTES,
	PROCMIG_A_LINK_RX_MSGS,
	PROCMIG_A_LINK_RX_BYTES,
	PROCMIG_A_LINK_AUTH_FAILURES,
	PROCMIG_A_LINK_RELEASE,
	PROCMIG_A_LOAD,
	PROCMIG_A_LOAD_CPUS,
	PROCMIG_A_LOAD_MEM_TOTAL,
	PROCMIG_A_LOAD_MEM_FREE,
	PROCMIG_A_LOAD_GUESTS,
	PROCMIG_A_PID,
	PROCMIG_A_HOME,
	PROCMIG_A_GUEST,
	PROCMIG_A_STATE,
	PROCMIG_A_COMM,
	PROCMIG_A_MOVES,
	PROCMIG_A_CALLS,
	PROCMIG_A_SIGNALS,
	PROCMIG_A_FREEZE,
	PROCMIG_A_UTIME,
	PROCMIG_A_STIME,
	PROCMIG_A_MEM_EAGER,
	PROCMIG_A_MEM_DEMAND,
	PROCMIG_A_MEM_AHEAD,
	PROCMIG_A_MEM_PUSHED,
	PROCMIG_A_MEM_FILE,
	PROCMIG_A_MEM_ZERO,
	PROCMIG_A_MEM_LEFT,
	PROCMIG_A_MEM_FAULT,
	PROCMIG_A_REASON_COUNT,
	PROCMIG_A_REASON,
	PROCMIG_A_EVENT,
	PROCMIG_A_ERROR,
	PROCMIG_A_STATS,
	PROCMIG_A_MEM_SIZE,
	PROCMIG_A_MEM_RSS,
	PROCMIG_A_POLICY,
	PROCMIG_A_POLICY_NODE,
	PROCMIG_A_RECALLS,

	/* private: */
	__PROCMIG_A_LAST,
	PROCMIG_A_MAX = __PROCMIG_A_LAST - 1
};

/**
 * enum procmig_link - state of a link
 * @PROCMIG_LINK_DOWN: no attempt is made, this node has no id or no key
 * @PROCMIG_LINK_CONNECTING: not there yet
 * @PROCMIG_LINK_UP: ready for moves
 */
enum procmig_link {
	PROCMIG_LINK_DOWN,
	PROCMIG_LINK_CONNECTING,
	PROCMIG_LINK_UP
};

/**
 * enum procmig_state - state of a process on its home node
 * @PROCMIG_STATE_HOME: runs at home, nothing of it is elsewhere
 * @PROCMIG_STATE_DRAINING: runs at home, some of its pages are still on their way
 * @PROCMIG_STATE_MOVING: a move has begun; it runs on where it was if that fails
 * @PROCMIG_STATE_AWAY: runs on another node
 */
enum procmig_state {
	PROCMIG_STATE_HOME,
	PROCMIG_STATE_DRAINING,
	PROCMIG_STATE_MOVING,
	PROCMIG_STATE_AWAY
};

/**
 * enum procmig_policy - where a process goes when it starts another program (exec)
 * @PROCMIG_POLICY_NONE: the new program runs where the old one did
 * @PROCMIG_POLICY_STAY: home
 * @PROCMIG_POLICY_NODE: to a node
 * @PROCMIG_POLICY_FOLLOW: where its parent's policy says, or where that is
 */
enum procmig_policy {
	PROCMIG_POLICY_NONE,
	PROCMIG_POLICY_STAY,
	PROCMIG_POLICY_NODE,
	PROCMIG_POLICY_FOLLOW
};

/**
 * enum procmig_event - what happened
 * @PROCMIG_EV_LINK_UP: the link to a node has come up
 * @PROCMIG_EV_LINK_DOWN: the link to a node is gone
 * @PROCMIG_EV_MOVED: a process of ours runs on another node now
 * @PROCMIG_EV_HOME: a process of ours has come home
 * @PROCMIG_EV_FAILED: a move failed, the process runs on where it was
 * @PROCMIG_EV_LOST: a process of ours died because the node that ran it is gone
 */
enum procmig_event {
	PROCMIG_EV_LINK_UP,
	PROCMIG_EV_LINK_DOWN,
	PROCMIG_EV_MOVED,
	PROCMIG_EV_HOME,
	PROCMIG_EV_FAILED,
	PROCMIG_EV_LOST
};

/**
 * enum procmig_stat - counters in PROCMIG_A_STATS, each of them u64
 * @PROCMIG_STAT_UNSPEC: not used
 * @PROCMIG_STAT_PAD: aligns 64 bit values
 * @PROCMIG_STAT_MOVED: processes of ours that moved to another node
 * @PROCMIG_STAT_HOME: processes of ours that came home
 * @PROCMIG_STAT_FAILED: moves of processes of ours that failed
 * @PROCMIG_STAT_LOST: processes of ours that died because a node was gone
 * @PROCMIG_STAT_ARRIVED: guests that arrived
 * @PROCMIG_STAT_KILLED: guests that were killed because their home was gone
 * @PROCMIG_STAT_ACCEPTED: connections that arrived
 * @PROCMIG_STAT_UNKNOWN: closed: not from the address of a configured node
 * @PROCMIG_STAT_REFUSED: closed: authentic, but wrong id, version or session
 * @PROCMIG_STAT_AUTH_FAILED: closed: not authentic
 * @PROCMIG_STAT_TIMEOUT: closed: the handshake was not finished in time
 * @PROCMIG_STAT_REPLAY: closed: seen before
 * @PROCMIG_STAT_PROTO: links dropped because the peer broke the protocol
 * @PROCMIG_STAT_LINK_UP: links that came up
 * @PROCMIG_STAT_LINK_DOWN: links that went down
 * @PROCMIG_STAT_OPENED: channels opened from here
 * @PROCMIG_STAT_JOINED: channels opened by peers
 * @PROCMIG_STAT_FOREIGN: requests for pages from a node that the process does not go to
 */
enum procmig_stat {
	PROCMIG_STAT_UNSPEC,
	PROCMIG_STAT_PAD,
	PROCMIG_STAT_MOVED,
	PROCMIG_STAT_HOME,
	PROCMIG_STAT_FAILED,
	PROCMIG_STAT_LOST,
	PROCMIG_STAT_ARRIVED,
	PROCMIG_STAT_KILLED,
	PROCMIG_STAT_ACCEPTED,
	PROCMIG_STAT_UNKNOWN,
	PROCMIG_STAT_REFUSED,
	PROCMIG_STAT_AUTH_FAILED,
	PROCMIG_STAT_TIMEOUT,
	PROCMIG_STAT_REPLAY,
	PROCMIG_STAT_PROTO,
	PROCMIG_STAT_LINK_UP,
	PROCMIG_STAT_LINK_DOWN,
	PROCMIG_STAT_OPENED,
	PROCMIG_STAT_JOINED,
	PROCMIG_STAT_FOREIGN,

	/* private: */
	__PROCMIG_STAT_LAST,
	PROCMIG_STAT_MAX = __PROCMIG_STAT_LAST - 1
};

/*
 * /dev/procmig, between the module and its surrogate helper (root only).
 */

/**
 * struct procmig_spawn - a surrogate that is to be born
 * @ticket: names the arrival in PROCMIG_IOC_BECOME and PROCMIG_IOC_FAILED
 * @mono: CLOCK_MONOTONIC of its home minus this node's, in ns
 * @boot: CLOCK_BOOTTIME of its home minus this node's, in ns
 * @pid: the process id that it has at home
 * @zero: 0
 */
struct procmig_spawn {
	__u64 ticket;
	__s64 mono;
	__s64 boot;
	__u32 pid;
	__u32 zero;
};

/*
 * SERVE: (argument: node id) this open file is the nursery of that home from now on.
 * NEXT: wait for the next arrival; ESHUTDOWN when the module is about to go.
 * BECOME: the caller, a single thread, becomes the surrogate when it returns to user mode.
 * FAILED: no task could be made for the arrival.
 */
#define PROCMIG_IOC_SERVE	_IO('J', 1)
#define PROCMIG_IOC_NEXT	_IOR('J', 2, struct procmig_spawn)
#define PROCMIG_IOC_BECOME	_IOW('J', 3, __u64)
#define PROCMIG_IOC_FAILED	_IOW('J', 4, __u64)

#endif /* _UAPI_LINUX_PROCMIG_H */
