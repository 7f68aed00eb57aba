/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Families: processes that share memory, and so are always on the same node.
 *
 * At home, who maps the same objects as a process moves with it; see kin.c. Where they run they
 * fork more of their kind. As long as they are away their deputies have the number of the family
 * in common (pm_proc.family).
 */
#ifndef PM_FAMILY_H
#define PM_FAMILY_H

#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include "proc.h"

struct pm_node;

/* Processes of one move. */
#define PM_KIN_MAX	256
/* How long the others of a move may take for a step: all that they share is fetched in it. */
#define PM_PARTY_TIMEOUT	(60 * HZ)

/**
 * struct pm_party - a move of several processes, which takes place for all or for none
 * @ref: each request holds one, and who asks
 * @id: number of the move, not 0
 * @family: number of the family
 * @lock: protects what follows
 * @wait: woken when @step or @err change
 * @n: processes that have not ended
 * @here: of these, those that have come as far as @step
 * @step: how far all have come
 * @err: the first error: it does not take place
 */
struct pm_party {
	struct kref ref;
	u64 id;
	u64 family;
	spinlock_t lock;	/* see above; nothing nests in it */
	wait_queue_head_t wait;
	unsigned int n;
	unsigned int here;
	unsigned int step;
	int err;
};

/**
 * struct pm_asked - a process that is asked to move
 * @task: a thread of it with memory, counted reference
 * @proc: its deputy, counted reference; NULL: not looked for yet
 * @req: the request, counted reference; NULL: not made yet
 * @held: who asks has taken its pm_proc.prep
 * @summoned: who asks has set its pm_proc.summoned
 */
struct pm_asked {
	struct task_struct *task;
	struct pm_proc *proc;
	struct pm_req *req;
	bool held;
	bool summoned;
};

/**
 * struct pm_kin - a process and those that can only move with it
 * @n: how many, the process itself included, which is the first
 * @mms: at home: their address spaces, by pm_mm_index()
 * @more: there are more than can move at once
 * @passing: somebody maps the same memory who is just being forked, or ending
 * @returns: they go back after a call for which the first has come home
 * @asked: the processes
 */
struct pm_kin {
	unsigned int n;
	struct xarray mms;
	bool more;
	bool passing;
	bool returns;
	struct pm_asked asked[PM_KIN_MAX];
};

/*
 * kin.c: who moves with the process of @task, whose deputy is @proc if that is known. Context:
 * sleeps. Return: to be given to pm_kin_free(), or NULL: no memory.
 */
struct pm_kin *pm_kin_find(struct task_struct *task, struct pm_proc *proc);
void pm_kin_free(struct pm_kin *kin);
/* Let go of one: somebody else may move it, and it may fork. */
void pm_asked_release(struct pm_asked *asked);
/* can_move.c: what forbids to move the @ith of them. Return: number of reasons. */
int pm_kin_can_move(struct pm_kin *kin, unsigned int i,
		    void (*say)(void *arg, const char *text), void *arg);
/* The same, at its boundary, for current, which moves with those who have stopped for @party. */
int pm_can_leave(u64 party, void (*say)(void *arg, const char *text), void *arg);
/* Home: are there others of its family that have not ended? Does not sleep. */
bool pm_has_relatives(struct pm_proc *proc);

/* party.c */
struct pm_party *pm_party_new(unsigned int n, u64 family);
void pm_party_get(struct pm_party *party);
void pm_party_put(struct pm_party *party);
/*
 * Wait until all processes of the move have come this far; NULL: it is one process's own move.
 * Context: the deputy that conducts. Return: 0, or the error for which it does not take place.
 */
int pm_party_meet(struct pm_party *party);
/* The move does not take place, if it has not already. Any context. */
void pm_party_fail(struct pm_party *party, int err);
/* A process has ended before it has begun to move. Any context. */
void pm_party_leave(struct pm_party *party);
/* Are all relatives of @proc, which have stopped, part of the move? 0 or -EAGAIN. */
int pm_party_complete(struct pm_party *party, struct pm_proc *proc);

/* ask.c */
/* Where to put the first reason why not, as a sentence. */
struct pm_why {
	char *text;
	size_t len;
};

void pm_first_reason(void *arg, const char *text);
/*
 * pm_ask_kin() - move processes that can only move together
 * @kin: the first one's pm_proc.prep is held
 * @node: where to
 * @back: they come home for a call of one of them, and are to go to this node after it; or 0
 * @why: filled on error
 * Context: sleeps. Return: 0, or what pm_move() returns.
 */
int pm_ask_kin(struct pm_kin *kin, u32 node, u32 back, struct pm_why *why);

/* turn.c */
/**
 * struct pm_turn - the turn of a move
 * @node: the other node, counted, or NULL: it takes none
 * @home: it goes home from there
 */
struct pm_turn {
	struct pm_node *node;
	bool home;
};

/*
 * pm_turn_take() - wait until a move to @dest may begin
 * @turn: filled; for pm_turn_end()
 * @tgid: the process
 * Context: who asks, without pm_proc.prep; sleeps, killable, for as long as others' moves take.
 * Return: 0 or -EINTR.
 */
int pm_turn_take(struct pm_turn *turn, struct pid *tgid, u32 dest);
/* It is over. May sleep. */
void pm_turn_end(struct pm_turn *turn);

/* move.c */
/**
 * struct pm_way - a move as somebody wants it
 * @node: where to
 * @back: 0; or it comes home for a call, and goes to this node after it
 * @returns: it goes back after such a call; what still keeps it from that may pass
 */
struct pm_way {
	u32 node;
	u32 back;
	bool returns;
};

/*
 * pm_move_held() - the move itself
 * @proc: pm_proc.prep is held, and released here
 * @task: a thread of it that lives
 * Of one that cannot go back it is known from here on that it stays.
 * Context: sleeps. Return: as pm_move().
 */
int pm_move_held(struct pm_proc *proc, struct task_struct *task, const struct pm_way *way,
		 struct pm_why *why);

/* own_move.c */
/*
 * pm_move_self() - current wants its process to move to @node
 * @why: filled on error
 * Context: the call by which it says so; sleeps.
 * Return: as pm_move(), or -ERESTARTNOINTR: to be said again, there perhaps.
 */
int pm_move_self(u32 node, struct pm_why *why);

#endif
