/* SPDX-License-Identifier: GPL-2.0 */
/* Moves, as procfs and netlink ask for them. */
#ifndef PM_MOVE_H
#define PM_MOVE_H

#include <linux/types.h>
#include "mem.h"
#include "policy.h"
#include "wire.h"

struct task_struct;

/*
 * pm_move() - move the process of @task to @node (PM_NODE_HOME: home) and wait for it
 * @task: any thread of the process on its home node; the caller holds a reference
 * @node: node id; our own id means home as well
 * @why: filled with a sentence on error (what was wrong, what to do); may be empty
 * Checks that current may move it (owner or CAP_SYS_ADMIN).
 * Context: sleeps, killable: when the writer is killed the move ends as it may. Current may be
 * of the process itself, in a system call that can be restarted.
 * Return: 0 when the process runs there (at once if it already does), -ERESTARTNOINTR (own), or
 * -EINVAL not a node id, -ENXIO unknown node, -EHOSTUNREACH, -EPERM, -EBUSY another move,
 * -EOPNOTSUPP cannot move, -EXDEV unsuited processor or kernel, -ESRCH gone, -EINTR, -ENOMEM.
 */
int pm_move(struct task_struct *task, u32 node, char *why, size_t len);

/*
 * pm_can_move() - pre-flight: calls @say for every reason that forbids to move @task
 * Return: number of reasons. May sleep.
 */
int pm_can_move(struct task_struct *task, void (*say)(void *arg, const char *text), void *arg);

/** enum pm_state - of a process on its home node, see the diagram in move.c */
enum pm_state {
	PM_AT_HOME,	/* runs at home, nothing of it is elsewhere */
	PM_DRAINING,	/* runs at home, some pages are still on their way */
	PM_LEAVING,	/* moving, runs where it was if that fails */
	PM_AWAY,	/* runs on another node */
};

const char *pm_state_name(enum pm_state state);	/* "home", "draining", "moving", "away" */

/** struct pm_memory - memory of a process; @pages: indexed by enum pm_mem */
struct pm_memory {
	u64 pages[PM_MEM_KINDS];
};

/* Resident pages. */
static inline u64 pm_memory_rss(const struct pm_memory *memory)
{
	return memory->pages[PM_MEM_ANON] + memory->pages[PM_MEM_FILE] +
	       memory->pages[PM_MEM_SHMEM];
}

/**
 * struct pm_info - a process as its home node knows it
 * @node: where it runs now (own id when at home)
 * @moves: completed moves since it started
 * @calls: system calls that were forwarded
 * @signals: signals that were forwarded
 * @recalls: system calls for which it came home
 * @freeze_ns: how long the last move stopped it
 * @utime, @stime: CPU time used on other nodes, ns
 * @memory: how much it has where it runs
 * @policy: where it goes by itself
 * @mem: counters of this node's side of its memory
 */
struct pm_info {
	u32 pid;
	u32 node;
	u32 home;
	enum pm_state state;
	u64 moves;
	u64 calls;
	u64 signals;
	u64 recalls;
	u64 freeze_ns;
	u64 utime;
	u64 stime;
	struct pm_memory memory;
	struct pm_policy policy;
	struct pm_mm_stats mem;
	char comm[16];
};

/* Information on the process of @task (valid also for one that never moved). May sleep. */
void pm_info(struct task_struct *task, struct pm_info *info);

/*
 * pm_procs_visit() - call @fn for each process whose home we are and that has moved
 * at least once, and (@guests) for each surrogate here, until it returns non-zero.
 * @start: skip that many, for dumps. Context: @fn may sleep.
 */
int pm_procs_visit(bool guests, unsigned int start,
		   int (*fn)(const struct pm_info *info, void *arg), void *arg);

#endif
