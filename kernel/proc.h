/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two ends of a migrated process.
 *
 * struct pm_proc is the process, struct pm_thread one of its threads; both exist at home (role
 * deputy) from the first move until the process is home and drained or dead, and at the
 * remote node (role surrogate) from the arrival until the surrogate is gone. All threads of a
 * process share one pm_mm and one process channel; a thread has one channel to its other half.
 *
 * Locking: pm_procs_lock (spinlock, proc.c) protects the hashes and pm_proc.refs from zero.
 * pm_proc.lock (spinlock) protects state, node, req and the counters; it nests inside nothing and
 * nothing sleeps under it. A pm_thread is written by its own task only, except the fields that say
 * otherwise.
 */
#ifndef PM_PROC_H
#define PM_PROC_H

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "call.h"
#include "chan.h"
#include "image.h"
#include "mem.h"
#include "move.h"

enum pm_role {
	PM_DEPUTY,	/* on the home node */
	PM_SURROGATE,	/* on a remote node */
};

struct pm_machine;
struct pm_party;
struct pm_thread;

/**
 * struct pm_req - one requested move, on the stack of nobody: counted
 * @ref: the asker and the process hold one each
 * @dest: destination node
 * @from: where the process was when the move was prepared
 * @trip: number of the stay at @dest
 * @chan: prepared process channel to @dest; NULL when @dest is home
 * @threads: prepared thread channels by thread id; of the asker, then of who conducts the move
 * @done: completed with @err set
 * @cpu: features of the processors at @dest, 0 if that is home
 * @party: the move of several processes that it is a part of, NULL if it moves alone; a reference
 * @back: it comes home for a call, and is to go to this node after it; 0 if not
 * @err: 0 or negative errno
 * @taken: the process has begun to carry it out, under pm_proc.lock
 * @why: sentence for the asker
 */
struct pm_req {
	struct kref ref;
	u32 dest;
	u32 from;
	u64 trip;
	struct pm_chan *chan;
	struct xarray threads;
	struct completion done;
	u32 cpu[PM_CPU_WORDS];
	struct pm_party *party;
	u32 back;
	int err;
	bool taken;
	char why[120];
};

/** enum pm_order - what the thread that conducts a move tells the others */
enum pm_order {
	PM_ORDER_NONE,		/* nothing is going on */
	PM_ORDER_GATHER,	/* come to the boundary and wait for the next order */
	PM_ORDER_RESTORE,	/* take your state from the image */
	PM_ORDER_STAY,		/* it has failed: go on where you are */
	PM_ORDER_GO,		/* committed: the program runs elsewhere; on arrival: here */
	PM_ORDER_HOME,		/* committed: the program runs at home */
};

/**
 * struct pm_team - the threads of a process on one node, which move as one; see team.c
 * @wait: woken when any of this changes, or a channel is to join
 * @leader: the thread that conducts a move, NULL if none
 * @round: number of the move
 * @order: the last order
 * @step: its number
 * @parked: threads that wait for orders
 * @target: @parked for which the leader waits
 * @busy: threads that have not carried @order out yet
 * @err: the first error that one of them had
 */
struct pm_team {
	wait_queue_head_t wait;
	struct pm_thread *leader;
	u32 round;
	enum pm_order order;
	u32 step;
	unsigned int parked;
	unsigned int target;
	unsigned int busy;
	int err;
};

/** enum pm_birth_step - how far a forked process has come, on one node; see fork.c */
enum pm_birth_step {
	PM_BORN,		/* it is one like others */
	PM_BIRTH_BEGUN,		/* its task exists or is about to */
	PM_BIRTH_READY,		/* and has all that it needs */
	PM_BIRTH_GO,		/* home: its parent has agreed */
	PM_BIRTH_FAILED,	/* it dies, and nobody is to notice that it has been there */
};

/** enum pm_own_step - how far a move has come that a process has asked for by itself */
enum pm_own_step {
	PM_OWN_NONE,
	PM_OWN_ASKED,
	PM_OWN_DONE,	/* or refused; who has asked does not know yet */
};

/**
 * struct pm_own - such a move
 * @step: enum pm_own_step
 * @tid: thread that has asked, and waits in the call
 * @node: where to
 * @cred: as whom, counted reference; until the work takes it
 * @err: what has come of it
 * @when: since then, in jiffies
 */
struct pm_own {
	enum pm_own_step step;
	u32 tid;
	u32 node;
	const struct cred *cred;
	int err;
	unsigned long when;
};

/**
 * struct pm_proc - a process
 * @ref: lifetime
 * @hash: in pm_procs, under pm_procs_lock
 * @id: the home node's number for it
 * @family: number of its family, under @lock; 0 if it has none or is at home. Surrogate: only of a
 *	forked one, whether it has one
 * @party: home: number of the last move of several processes that it is a part of
 * @summoned: home: such a move is being prepared, and it is to fork no more relatives
 * @home: id of the home node
 * @role: which end this is
 * @tgid: its process id here, counted reference
 * @lock: see above
 * @team: under @lock
 * @chan: process channel, counted reference; of who conducts a move
 * @trip: number of its stay at the remote node
 * @joining: surrogate: struct pm_join_req, thread channels that no thread has yet, under @lock
 * @njoin: length of @joining
 * @round: number of the last FREEZE (home), of the last that has been resumed (surrogate)
 * @recalls: home: threads whose recalled call is still to be made or has just been, under @lock
 * @recalled: system calls for which it came home
 * @guest: surrogate: counted as a guest of this node
 * @state: home only, see move.c
 * @node: where it runs (home end)
 * @req: the move in progress, NULL if none; counted reference (home end)
 * @mm: its memory on this node, counted reference
 * @cpu_seen: processor features that the program may have looked at
 * @limits: home: limits of memory that the remote node knows; under @lock
 * @limits_seq: home: number of the last change of them, under @lock; remote: of the last heard of
 * @clocks: what its clocks said before the move, see pm_clocks_reach()
 * @memory: home: what it has at the remote node, as that has said last; under @lock
 * @prep: held by who moves the process, see move.c
 * @dest: where the present move goes to (home end)
 * @coming: a deputy brings it home by itself, or is about to; under @lock
 * @threads: its threads in the order of @serial, under @lock
 * @serial: of the last thread
 * @birth: under @lock; changes wake @team.wait
 * @exit_signal: home: what its end is to send to its parent, -1 if that is its task's already
 * @herald: surrogate: channel on which its parent says BORN, if that waits for company there;
 *	counted reference
 * @first: surrogate being forked: channel of its first thread, until that takes it; counted
 *	reference
 * @parent: who has forked it, until it is born, or as long as @vfork; counted reference
 * @asks: its surrogate waits for RUN, since somebody sees what it does
 * @unchosen: deputy: it is not allowed to choose the ids of its children
 * @crowded: surrogate: it, or who it descends from, has been forked beside other threads
 * @closes: deputy of a forked one: pm_files_closes() of its parent before it was cloned
 * @vfork: its parent waits until it runs another program or ends, and may share its memory
 * @vforks: children for which threads of it wait so; they and it do not move
 * @reap: queued when the process has ended
 * @back_work: queued when it is to go to @back
 * @home_work: queued when all of its family are to come home, and it to go to @back after a call
 * @own: home: the move that it has asked for by itself, under @lock
 * @own_work: queued when there is one
 * @sent_back: when @back_work was queued last, in jiffies
 * @back: at home for one recalled call or an exec, to go to this node after it; 0 if not
 * @fresh: home: it is a new program that waits at its first instruction
 * @asked: number of the last exec that asked for a move, and waits for it; under @lock
 * @answered: the last of these numbers of which it is clear what has become
 */
struct pm_proc {
	struct kref ref;
	struct hlist_node hash;
	u64 id;
	u64 family;
	u64 party;
	bool summoned;
	u32 home;
	enum pm_role role;
	struct pid *tgid;
	spinlock_t lock;	/* see above */
	struct pm_team team;
	struct pm_chan *chan;
	u64 trip;
	struct list_head joining;
	unsigned int njoin;
	u32 round;
	unsigned int recalls;
	u64 recalled;
	bool guest;
	enum pm_state state;
	u32 node;
	struct pm_req *req;
	u32 dest;
	struct pm_mm *mm;
	u32 cpu_seen[PM_CPU_WORDS];
	struct pm_limit limits[PM_LIMITS];
	u32 limits_seq;
	u64 clocks[PM_CLOCKS];
	u32 back;
	bool fresh;
	u32 asked;
	u32 answered;
	u64 moves;
	u64 calls;
	u64 signals;
	u64 freeze_ns;
	u64 utime;
	u64 stime;
	struct pm_memory memory;
	char comm[TASK_COMM_LEN];
	struct mutex prep;	/* held by who moves it */
	bool coming;
	struct list_head threads;
	u64 serial;
	enum pm_birth_step birth;
	struct pm_chan *herald;
	struct pm_chan *first;
	int exit_signal;
	struct pm_proc *parent;
	bool asks;
	bool crowded;
	bool unchosen;
	unsigned long closes;
	bool vfork;
	unsigned int vforks;
	struct work_struct reap;
	struct work_struct back_work;
	struct work_struct home_work;
	struct pm_own own;
	struct work_struct own_work;
	unsigned long sent_back;
};

/* bits of pm_thread.flags */
#define PM_T_KICKED	0	/* @kick is queued; any context */
#define PM_T_FREEZE	1	/* FREEZE has been received (surrogate) or sent (deputy) */
#define PM_T_STOP	2	/* STOP has come (surrogate), was sent with an answer (deputy) */
#define PM_T_DELIVERED	3	/* surrogate: a signal frame has been built, report the mask */
#define PM_T_FATAL	4	/* @fatal holds what the default action would die of */
#define PM_T_CALLING	5	/* surrogate: waits for an answer, needs no kick */
#define PM_T_WAIT	6	/* surrogate: waits for home to fetch it (fatal signal, recall) */
#define PM_T_LOOP	7	/* deputy: in its loop, or waiting for orders */
#define PM_T_PARKED	8	/* waits for orders; under pm_proc.lock */
#define PM_T_RECALL	9	/* deputy: the next call at home is the recalled one */
#define PM_T_RECALLED	10	/* deputy at home: the recalled call has been made */
#define PM_T_ENDED	11	/* the reaper has it */
#define PM_T_BORN	12	/* has just been cloned */
#define PM_T_USAGE	13	/* surrogate: it has used CPU time of which home does not know */
#define PM_T_DUMP	14	/* at home: it dies as soon as its memory is here */
#define PM_T_EXECED	15	/* deputy: its task has just started another program */
#define PM_T_IDLE	16	/* deputy: it waits in its loop, makes no call of the program */
#define PM_T_ASLEEP	17	/* surrogate: home is to know that it sleeps in a local call */
#define PM_T_OWN	18	/* deputy: the call in work wants the program's own memory */
#define PM_T_INSIDE	19	/* deputy: at its boundary, which holds a reference */
#define PM_T_SOON	20	/* @soon is running, with a reference */
#define PM_T_VOID	21	/* deputy: there is no other half, it is to exit */

/**
 * struct pm_wait - a call that a move has broken off, wait.c
 * @again: there is one, and the program has seen nothing else since
 * @nr: its number
 * @ip: the program's instruction pointer in it
 * @sp: the same of the stack pointer
 * @until: when its time is over, CLOCK_MONOTONIC in ns; 0 for never
 * @done: bytes that it has transferred; where the program runs, or will
 * @sleep_until: the task slept until then when it was last looked at; 0 if it did not
 * @slept: how often it had gone to sleep by then
 */
struct pm_wait {
	bool again;
	unsigned long nr;
	unsigned long ip;
	unsigned long sp;
	u64 until;
	u64 done;
	u64 sleep_until;
	unsigned long slept;
};

/**
 * struct pm_thread - a thread
 * @ref: lifetime: its task, the hash, a queued kick
 * @hash: in pm_threads by @task, RCU
 * @entry: in pm_proc.threads, from pm_thread_hash() to pm_thread_unhash()
 * @serial: number of it in that list
 * @task: the task here; valid while hashed (it unhashes itself before it dies)
 * @proc: counted reference
 * @chan: channel to the other half, counted reference; NULL while at home
 * @next: deputy: channel to the node that the process goes to, until the order to use it; or that
 *	of @forked, until that is told of it
 * @newborn: what a thread that current clones now will be, until it exists; a reference
 * @forked: the child that it is forking, from the moment that it exists; counted reference
 * @unborn_tid: id that home has proposed for the process that it will fork next, 0 for none
 * @unborn: home's number for that one
 * @raised: deputy: a new process has a right of which it does not know
 * @pidfd: deputy: the program's descriptor of @forked, -1 if none is wanted
 * @kick: task work that takes the thread to its boundary handler
 * @soon: kicks it
 * @put_off: how often it has been put off, up to a limit; its own
 * @flags: PM_T_*, atomic bit operations
 * @seq: of the last request that this side sent
 * @step: of the team's orders, the last that it has seen
 * @round: number of the last move that it was called for
 * @image: its state as it was captured, read by who conducts the move
 * @part: its part of the image that is being restored, on that one's stack
 * @tid: thread id at home
 * @dest: surrogate: where the move goes to for which FREEZE has come
 * @party: surrogate: its number if it is a move of several processes, or 0
 * @restart_nr: call that a restart_syscall stands for, -1 if none
 * @cred: surrogate: of a new thread, until it bears them; a reference
 * @sched: how it is scheduled, as home means it: what a deputy has told of itself, a surrogate
 *	has heard; under pm_proc.lock
 * @sched_seq: number of the last change that was told, or heard (then under a mutex of sched.c)
 * @filtered: surrogate: seccomp filters at home want to see every call
 * @home_mask: surrogate: signal mask that home knows
 * @oneshot_sig: deputy: the last signal to the surrogate, if its action was SA_RESETHAND, or 0
 * @oneshot: the handler that it had
 * @sig_shared: surrogate: the last signal from home, if it was sent to the process, or 0
 * @sig_seen: surrogate: SIGNAL messages taken so far, modulo 2^16
 * @sig_sent: deputy: SIGNAL messages sent so far; the next one only when the other half
 *	has seen them all, so that the queue at home stays the only one
 * @usage: deputy: what the remote half had used when it last said so
 * @told: surrogate: CPU time in ns when it last told home by itself
 * @looked: surrogate: the same when the module last looked at it
 * @asleep: deputy: the remote half has said that it sleeps in a local call
 * @since: deputy: when the remote half began at the earliest, CLOCK_MONOTONIC in ns
 * @held: the message in work, freed with the thread if the task dies of it
 * @out: deputy: the out-data being sent, likewise
 * @cputimers: deputy: timers of CPU time, as the remote half has told before an exec
 * @call: surrogate: the call being carried, on its stack; freed when the task dies in it
 * @scratch: deputy: memory for the arguments of forwarded calls
 * @wait: the call that a move has broken off
 * @fatal: see PM_T_FATAL
 * @closed: surrogate: files that it has unmapped, of which home is to be told; its own
 * @reap: queued when the task exits
 */
struct pm_thread {
	struct kref ref;
	struct hlist_node hash;
	struct list_head entry;
	u64 serial;
	struct rcu_head rcu;
	struct task_struct *task;
	struct pm_proc *proc;
	struct pm_chan *chan;
	struct pm_chan *next;
	struct pm_thread *newborn;
	struct pm_proc *forked;
	u64 unborn;
	u32 unborn_tid;
	bool raised;
	int pidfd;
	struct callback_head kick;
	struct hrtimer soon;
	unsigned int put_off;
	unsigned long flags;
	u32 seq;
	u32 step;
	u32 round;
	u32 tid;
	u32 dest;
	u64 party;
	bool filtered;
	struct cred *cred;
	struct pm_sched sched;
	u32 sched_seq;
	struct pm_enc image;
	struct pm_dec part;
	int restart_nr;
	u64 home_mask;
	int oneshot_sig;
	__sighandler_t oneshot;
	u32 sig_shared;
	u16 sig_seen;
	u16 sig_sent;
	struct pm_usage usage;
	u64 told;
	u64 looked;
	bool asleep;
	u64 since;
	struct pm_buf *held;
	u8 *out;
	struct pm_img_cputimer cputimers[PM_CPU_TIMERS];
	struct pm_call *call;
	struct pm_scratch scratch;
	struct pm_wait wait;
	struct pm_wire_siginfo fatal;
	struct list_head closed;
	struct work_struct reap;
};

/* proc.c. The table of processes is emptied before the memory objects are waited for. */
int pm_procs_init(void);
void pm_procs_exit(void);

/* A process that nobody can find yet: its task is still to be cloned. NULL: no memory. */
struct pm_proc *pm_proc_new(enum pm_role role, u64 id, u32 home);
/*
 * pm_proc_make() - the process of group leader @tgid with @role, made if there is none
 * The table holds one reference until the process ends, the caller gets one. NULL: no memory.
 */
struct pm_proc *pm_proc_make(enum pm_role role, u64 id, u32 home, struct pid *tgid);
struct pm_proc *pm_proc_get(struct pm_proc *proc);
void pm_proc_put(struct pm_proc *proc);	/* may sleep on the last put */
/* The process of @tgid with the role, or NULL. Counted reference. */
struct pm_proc *pm_proc_find(enum pm_role role, struct pid *tgid);
/* The surrogate process of @home's process @id that is here for its stay @trip, or NULL. */
struct pm_proc *pm_proc_find_trip(u64 id, u32 home, u64 trip);
/* Take a process that has ended off the table. Any context. */
void pm_proc_forget(struct pid *tgid);
/* What netlink and procfs show of it. May sleep. */
void pm_proc_info(struct pm_proc *proc, struct pm_info *info);
/*
 * pm_proc_relatives() - the deputies of the same family that are away, without @proc itself
 * @to: filled with up to @max of them, with references. Any context. Return: how many there are.
 */
unsigned int pm_proc_relatives(struct pm_proc *proc, struct pm_proc **to, unsigned int max);
/* The process whose deputy is number @id, or NULL. Counted reference. */
struct pm_proc *pm_proc_find_id(u64 id);
/* Is this a process of this node that runs elsewhere? Any context in which one may sleep. */
bool pm_is_away(struct pid *tgid);
/* What @mm counts; the caller has a reference to it. */
void pm_mm_memory(struct mm_struct *mm, struct pm_memory *memory);
/* How much memory the process of @task has here; nothing if it has ended. May sleep. */
void pm_task_memory(struct task_struct *task, struct pm_memory *memory);
/* How much memory it has where it runs, pages. May sleep. */
void pm_proc_memory(struct pm_proc *proc, struct pm_memory *memory);
/* prepare.c: will its pages travel with its image? It may grow meanwhile. May sleep. */
bool pm_proc_small(struct pm_proc *proc);

/* The process of pm_proc_new() has a task: from now on it can be found. */
void pm_proc_add(struct pm_proc *proc, struct pid *tgid);

/* thread.c */
int pm_thread_init(void);
void pm_thread_exit(void);
/* Let the worker run @work that cleans up after a task. Any context. */
void pm_reap(struct work_struct *work);
/* A task is exiting: called by the exit tracepoint in its context, preemption off. */
void pm_thread_exiting(struct task_struct *task);
/* current has cloned @child: called by the fork tracepoint, preemption off. */
void pm_thread_forked(struct task_struct *child);
/*
 * pm_work_last() - first thing in a task work that may not come back for long
 * The latest work comes first, and those that wait behind it are to close files, for example.
 * False: it has been queued again, behind them. Context: the work, its own task.
 */
bool pm_work_last(struct callback_head *work);
/* Wake whoever waits for this process's orders and channels. Any context. */
void pm_proc_wake(void *proc);

/*
 * A thread of @proc, with one reference; not hashed yet. @task NULL: it is still to be cloned.
 * NULL: no memory. May sleep.
 */
struct pm_thread *pm_thread_new(struct pm_proc *proc, struct task_struct *task, u32 tid);
void pm_thread_put(struct pm_thread *thread);
/*
 * pm_thread_detach() - the end of a thread: unhash it, cut its channel, drop its reference
 * to the process and the one of its task. Context: its own task, or the failed creator.
 */
void pm_thread_detach(struct pm_thread *thread);
void pm_thread_hash(struct pm_thread *thread);
void pm_thread_unhash(struct pm_thread *thread);
/* Call @fn, which must not sleep, for each thread that is a guest here. Return: their number. */
int pm_each_guest(void (*fn)(struct pm_thread *thread, const void *arg), const void *arg);
/* The thread of @task with a reference, or NULL. Any context. */
struct pm_thread *pm_thread_find(struct task_struct *task);
/*
 * pm_thread_next() - walk over the threads of a process
 * @pos: the last one, whose reference is dropped; NULL to begin
 * Those that come or go meanwhile may or may not be seen, all others are. Return: with a
 * reference, NULL at the end.
 */
struct pm_thread *pm_thread_next(struct pm_proc *proc, struct pm_thread *pos);
/* The thread with this id at home, with a reference, or NULL. */
struct pm_thread *pm_thread_by_tid(struct pm_proc *proc, u32 tid);
/* The thread of current or NULL. Valid as long as current does not unhash it. */
struct pm_thread *pm_thread_current(void);

/*
 * pm_thread_kick() - make the thread's task pass its boundary to user mode soon
 * An interruptible sleep ends as by a signal that has no handler. Any context.
 */
void pm_thread_kick(struct pm_thread *thread);

struct pm_req *pm_req_get(struct pm_req *req);
void pm_req_put(struct pm_req *req);
/* Take the request off the process and tell the asker how it ended. */
void pm_req_finish(struct pm_proc *proc, int err, const char *why);

/*
 * team.c: the threads of a process on one node act as one. One leads, the others park at their
 * boundary and carry out its orders.
 */
/* Lead the team; false: another thread does. The move is number pm_thread.round. */
bool pm_team_lead(struct pm_thread *thread);
/* Deputy that leads: call all others to their boundary (a surrogate calls by leading). */
void pm_team_call(struct pm_thread *thread);
/* Leader: wait until all others are parked. 0, a member's error, -EINTR, -EBUSY, -EAGAIN. */
int pm_team_gather(struct pm_thread *thread, unsigned long timeout);
/* Leader: give an order and wait until it has been carried out. 0, a member's error, -EINTR. */
int pm_team_order(struct pm_thread *thread, enum pm_order order);
/* Leader: the last order; nobody leads afterwards. */
void pm_team_disband(struct pm_thread *thread, enum pm_order order);
/* Has another thread called all others together? */
bool pm_team_called(const struct pm_thread *thread);
/* The same, and from here on it is of that round; is that one still going on? */
bool pm_team_answer(struct pm_thread *thread);
bool pm_team_waits(const struct pm_thread *thread);
/*
 * Member: be one of those who wait for orders in move number pm_thread.round
 * @err: what went wrong on the way. False: that move does not call any more.
 */
bool pm_team_park(struct pm_thread *thread, int err);
/* Member: wait for the next order, or -EINTR when the task is to die. */
int pm_team_await(struct pm_thread *thread);
/* Member: the order has been carried out. The last one (STAY, GO, HOME) ends the parking. */
void pm_team_report(struct pm_thread *thread, int err);
/* It has ended, perhaps while it waited for orders. Under pm_proc.lock. */
void pm_team_leave(struct pm_thread *thread);
/* Home: threads of the process of current that are not known yet. 0 or -ENOMEM. */
int pm_team_adopt(struct pm_proc *proc, struct task_struct *task);
/* All captured parts of the threads, that of @thread first. 0 or the encoder's error. */
int pm_team_collect(struct pm_thread *thread, struct pm_enc *enc);
/*
 * Give all threads their parts of the image; @rest is what follows them. @wait for a thread that
 * is not here yet: 0 it has come, or an error. -EPROTO malformed.
 */
int pm_team_deal(struct pm_proc *proc, const struct pm_buf *image, struct pm_dec *rest,
		 int (*wait)(struct pm_proc *proc, u32 tid));

/* state.c: what a thread is, apart from memory. Context: current is the thread. */
int pm_state_capture(struct pm_thread *thread, struct pm_enc *enc);
/* Become the thread of the part of the image. */
int pm_state_restore(struct pm_thread *thread, struct pm_dec *part);
/* Remote: give up what the helper may do, be who @part says. */
int pm_state_restore_identity(struct pm_thread *thread, struct pm_dec part);
/* state_proc.c: what a process is, apart from memory and threads. */
int pm_state_capture_proc(struct pm_proc *proc, struct pm_enc *enc);
int pm_state_restore_proc(struct pm_proc *proc, u32 tag, const void *data, size_t len);

/** struct pm_lifted - limits of memory that are lifted for a while; @soft: what they were */
struct pm_lifted {
	u64 soft[PM_LIMITS];
};

int pm_limits_tell(struct pm_thread *thread);
int pm_limits_hear(struct pm_proc *proc, const struct pm_buf *buf);
void pm_limits_lift(struct pm_lifted *lifted);
void pm_limits_lower(const struct pm_lifted *lifted);
/* While a deputy sleeps at home: nothing of the kernel may write to the home memory. */
void pm_state_park(void);

/* Most bytes of extended state that there may be. */
#define PM_MAX_XSTATE	(64 * 1024)

/* regs.c: what the processor holds for current. */
void pm_regs_to_wire(struct pm_wire_regs *wire, const struct pt_regs *regs);
void pm_regs_from_wire(struct pt_regs *regs, const struct pm_wire_regs *wire);
/* Does it run code that is described by the kernel's own table, of 32 or 64 bits? */
bool pm_code_plain(const struct pt_regs *regs);
/* The data segments: none counts, but for those that all can load. */
void pm_segments_capture(struct pm_img_thread *img);
void pm_segments_restore(const struct pm_img_thread *img);
int pm_xstate_capture(struct pm_enc *enc, struct pm_img_thread *img);
int pm_xstate_restore(const struct pm_img_thread *img, const void *from, size_t len);
int pm_regs_init(void);
void pm_regs_exit(void);

/* Signal handling of current: it cannot change under the task itself. */
static inline struct sighand_struct *pm_sighand(void)
{
	return rcu_dereference_protected(current->sighand, true);
}

/* signal.c */
enum pm_disposition {
	PM_SIG_NONE,	/* nothing to take */
	PM_SIG_FORWARD,	/* a handler will run */
	PM_SIG_STOP,	/* stops the process, or ptrace or the freezer want it */
	PM_SIG_CORE,	/* ends it with a core dump, for which the memory must be here */
	PM_SIG_TRACED,	/* a tracer decides, who wants to see the program, not its deputy */
	PM_SIG_NATIVE,	/* ends it, or is dropped: get_signal() does it */
};

enum pm_disposition pm_signal_peek(int *sig);
bool pm_signal_synchronous(void);
bool pm_signal_take(struct pm_thread *thread, struct pm_wire_siginfo *wire);
int pm_signal_inject(const struct pm_wire_siginfo *wire);
void pm_signal_defer(struct pm_thread *thread, const kernel_siginfo_t *info,
		     struct k_sigaction *ka);
bool pm_signal_deferred(struct pm_thread *thread);
int pm_signal_return(struct pm_thread *thread, const struct pm_wire_siginfo *wire);
bool pm_signal_giveback(struct pm_wire_siginfo *wire, bool blocked_only);
void pm_siginfo_to_wire(struct pm_wire_siginfo *wire, const kernel_siginfo_t *info);
int pm_siginfo_from_wire(kernel_siginfo_t *info, const struct pm_wire_siginfo *wire);

/* sched.c: see there. */
void pm_sched_get(struct pm_thread *thread, struct pm_sched *sched);
void pm_sched_set(struct pm_thread *thread, const struct pm_sched *sched);
int pm_sched_tell(struct pm_thread *thread);
int pm_sched_called(struct pm_thread *thread, unsigned int nr, const u64 *args);
int pm_sched_hear(struct pm_proc *proc, const struct pm_buf *buf);

/* wait.c: see there. Context: the deputy, or its task at home. */
long pm_wait_result(unsigned int nr, const unsigned long *args, long ret);
long pm_wait_random(unsigned long buf, size_t len, unsigned int flags, size_t done);
void pm_wait_note(struct task_struct *leader);
void pm_wait_native(struct pm_thread *thread, struct pt_regs *regs);
void pm_wait_undo(struct pm_wait *wait, struct pt_regs *regs);
void pm_wait_part(struct pm_wait *wait, const struct pt_regs *regs, u64 done);
void pm_wait_handled(struct pm_wait *wait, const struct k_sigaction *ka);
bool pm_wait_again(const struct pm_wait *wait, const struct pt_regs *regs);
void pm_wait_keep(struct pm_wait *wait, const struct pt_regs *regs, long ret, u64 until);
void pm_wait_home(struct pm_thread *thread, struct pt_regs *regs);
bool pm_wait_sane(const struct pm_img_thread *img);
void pm_wait_back(struct pm_wait *wait, struct pt_regs *regs);

/* deputy_call.c: do the filters let current make this call? If not, the answer is in @regs->ax. */
bool pm_deputy_allowed(struct pt_regs *regs);
/* calls.c: make the kernel look at a restart code although no signal may be pending. */
long pm_restart(long ret);

/*
 * deputy.c: the home end at its boundary to user mode: leaves if a move is asked for, and then
 * is the deputy until the process is home or dead. Context: task work of @thread's task.
 */
void pm_deputy_boundary(struct pm_thread *thread);
/* deputy_home.c: a signal for a process that is home, but not all of whose memory is */
void pm_deputy_delivered(struct pm_thread *thread, int sig, const kernel_siginfo_t *info,
			 struct k_sigaction *ka);
void pm_deputy_dump(struct pm_thread *thread);
/* A move has begun or is asked for: calls are to be made again where the process will be. */
static inline bool pm_deputy_leaving(const struct pm_thread *thread)
{
	return READ_ONCE(thread->proc->req) || test_bit(PM_T_FREEZE, &thread->flags) ||
	       pm_team_called(thread);
}

/* Has the surrogate taken all signals that were sent to it? */
static inline bool pm_window_open(const struct pm_thread *thread)
{
	return thread->sig_seen == thread->sig_sent;
}

/* One message of the surrogate. Return: 0, 1 the process is home, -EPROTO, -EPIPE. */
int pm_deputy_message(struct pm_thread *thread, const struct pm_buf *buf);
/* The same, with @buf freed if the task dies in it. */
int pm_deputy_hold(struct pm_thread *thread, struct pm_buf *buf);
/* calls_both.c: the home part of calls that both sides carry out */
int pm_deputy_action(struct pm_thread *thread, const struct pm_buf *buf);
int pm_deputy_map(struct pm_thread *thread, const struct pm_buf *buf);
int pm_deputy_close(struct pm_thread *thread, const struct pm_buf *buf);
void pm_closed_free(struct pm_thread *thread);	/* thread->closed; any context */
int pm_deputy_exit(struct pm_thread *thread, const struct pm_buf *buf);
/* clone.c: the same for new threads, and what a new one does first */
int pm_deputy_clone(struct pm_thread *thread, const struct pm_buf *buf);
void pm_deputy_born(struct pm_thread *thread);
/* fork.c: the same for new processes */
int pm_deputy_fork(struct pm_thread *thread, const struct pm_buf *buf);
int pm_deputy_fork_end(struct pm_thread *thread, const struct pm_buf *buf);
void pm_deputy_forked(struct pm_thread *thread);
/* fork.c, for both ends: @child, which nobody can find yet, will be where @parent is. */
void pm_birth_begin(struct pm_proc *child, struct pm_proc *parent, bool vfork);
/* Between the answer to CLONE and BORN: may the surrogate not send this? */
bool pm_fork_breach(const struct pm_thread *thread, const struct pm_buf *buf);
/* From one step to another; false if it is at a third one. Any context that may take locks. */
bool pm_birth_to(struct pm_proc *proc, enum pm_birth_step from, enum pm_birth_step to);
/* The parent waits until its child has passed a step. 0, -EAGAIN it has failed, -EINTR. */
int pm_birth_passed(struct pm_proc *child, enum pm_birth_step step);
/* A process is dying: the birth has failed if it is not over. Any context. */
void pm_birth_fail(struct pm_proc *proc);
/* The same; who has forked it at home is dead, and its other threads are to find it. */
void pm_birth_orphan(struct pm_proc *child);
/*
 * fork.c, for both ends: the state for the memory of @child, which current has just cloned. What
 * waits for current must not interrupt the kernel in it (mm_take_all_locks()). May sleep.
 * Return: 0 or negative errno.
 */
int pm_fork_memory(struct pm_thread *thread, struct pm_proc *child);
/* It has no need of its parent any more, and is not in its memory if it was. May sleep. */
void pm_parent_drop(struct pm_proc *proc);
/* deputy.c, for those: */
void pm_deputy_loop(struct pm_thread *thread);
void pm_deputy_works(void);
int pm_deputy_condemn(const struct pm_buf *buf);
void pm_deputy_lost(struct pm_thread *thread, const char *why);
void pm_deputy_heard(struct pm_thread *thread, u64 mask);
int pm_deputy_reply(struct pm_thread *thread, u32 seq, long ret, u32 flags,
		    const void *out, size_t out_len);
/* deputy_move.c: the steps of a move, in the context of the deputy */
int pm_deputy_leave(struct pm_thread *thread);
int pm_deputy_leave_along(struct pm_thread *thread);
int pm_deputy_move(struct pm_thread *thread);
int pm_deputy_follow(struct pm_thread *thread);
int pm_deputy_come_home(struct pm_thread *thread, u32 back);
/* prepare.c: thread channels of a move for all threads that have none yet. 0 or errno. */
int pm_prepare_threads(struct pm_proc *proc, struct pm_req *req);
int pm_prepare(struct pm_proc *proc, struct pm_req *req);
/* A channel to the surrogate process of stay @trip at @node, for thread @tid; or ERR_PTR. */
struct pm_chan *pm_open_thread(struct pm_proc *proc, u32 node, u64 trip, u32 tid);
/* A call of a process that is at home but not finished with (draining, recalled); false: run it. */
bool pm_deputy_home_call(struct pm_thread *thread, struct pt_regs *regs);
/* Forget a process that is home and drained. Context: its own task. */
void pm_deputy_settle(struct pm_thread *thread);
/* exec.c: a program is replaced by another one */
bool pm_exec_happened(const struct pm_thread *thread);
int pm_exec_leave(struct pm_thread *thread);
int pm_exec_timers(struct pm_thread *thread, const struct pm_buf *buf);
void pm_exec_done(void);
/* At home: nothing of it is elsewhere. It has no memory object if it has just started a program. */
static inline bool pm_proc_drained(struct pm_proc *proc)
{
	return !proc->mm || pm_mm_drained(proc->mm);
}

/* Where the process is, or goes to after a recalled call. Any context. */
static inline u32 pm_proc_place(struct pm_proc *proc)
{
	u32 back = READ_ONCE(proc->back);

	return back ? back : READ_ONCE(proc->node);
}

/* move.c: the deputy end of the process of @task, made if need be; counted reference or NULL */
struct pm_proc *pm_proc_of(struct task_struct *task);
void pm_proc_rehome(struct pm_proc *proc);
/* May current move @task? Is it at least current's own, of no more rights? */
bool pm_may_move(struct task_struct *task);
bool pm_owns(struct task_struct *task);
/*
 * Can a program that has seen processors with these features, with this pid, run at @node? Fills
 * @machine, and @why with a sentence if not. 0, -ENXIO, -EHOSTUNREACH, -EXDEV.
 */
int pm_check_machine(const u32 *cpu_seen, u32 node, u32 pid, struct pm_machine *machine,
		     char *why, size_t len);
int pm_check_return(u32 node, const struct pm_machine *machine, char *why, size_t len);
/* own_move.c: the work that takes a recalled process back; pm_proc_send_back() queues it */
void pm_go_back(struct work_struct *work);
void pm_proc_send_back(struct pm_proc *proc);
/* ... that which moves one that has asked for it itself */
void pm_go_own(struct work_struct *work);
void pm_proc_send_own(struct pm_proc *proc);
/* ... and that which brings a family home for a call of one; pm_proc_send_home() queues it */
void pm_go_home(struct work_struct *work);
void pm_proc_send_home(struct pm_proc *proc);
/* ask.c: let all threads of it look whether there is something to do. Any context. */
void pm_kick_all(struct pm_proc *proc);
/* can_move.c: a thread of the process of @task that has not ended, with a reference; or @task. */
struct task_struct *pm_live_thread(struct task_struct *task);
/*
 * pm_call_home() - somebody at home needs the process itself: bring it home to stay
 * Whoever calls has found out whether he may. Context: not a thread of it; sleeps, killable.
 * Return: 0 it is at home, or negative errno; -EBUSY it does not come.
 */
int pm_call_home(struct pm_proc *proc);

/* birth.c: a new surrogate process, a new thread of it. Context: task work, its own task. */
void pm_surrogate_start(struct pm_thread *thread, u32 prev);
void pm_surrogate_born(struct pm_thread *thread);
void pm_surrogate_go(struct pm_thread *thread, bool lives);
/* fork.c: a new process, forked by another one. The same context. */
void pm_surrogate_forked(struct pm_thread *thread);
/* Forget channels that no thread has taken. */
void pm_join_drop(struct pm_proc *proc);
/* freeze.c: at the boundary, all threads are to be moved away. */
void pm_surrogate_freeze(struct pm_thread *thread);
/* End this thread only, with nothing to write into memory. Does not return. */
void pm_surrogate_leave(struct pm_thread *thread);

/* surrogate.c */
void pm_surrogate_boundary(struct pm_thread *thread);
/* A default action or a handler is about to be taken; called under the siglock. */
void pm_surrogate_delivered(struct pm_thread *thread, int sig, const kernel_siginfo_t *info,
			    struct k_sigaction *ka);
/* Send a message of the surrogate, which tells home how many signals have been seen. */
int pm_surrogate_send(struct pm_thread *thread, u16 type, u32 seq, const void *a, size_t alen,
		      const void *b, size_t blen);
/* Ends the task (does not return; objtool cannot know that of a global function). */
void pm_surrogate_die(struct pm_thread *thread, const char *why);
/* Take one message that may come at any time. Return: 0, or -EPROTO for another one. */
int pm_surrogate_message(struct pm_thread *thread, const struct pm_buf *buf);

/* Run a local call with the page map kept right; true: done, false: let the kernel run it. */
bool pm_local_call(struct pm_thread *thread, struct pt_regs *regs);
/* calls.c: system calls of a surrogate; true: done, result in regs->ax; false: run it here */
bool pm_surrogate_call(struct pm_thread *thread, struct pt_regs *regs);

/* clocks.c: they do not go back when a process moves */
void pm_clocks_capture(__le64 *img);
int pm_clocks_reach(const u64 *clocks);

/* cputimers.c: CPU timers of current */
void pm_cputimers_read(struct pm_img_cputimer *img);	/* PM_CPU_TIMERS of them */
int pm_cputimers_capture(struct pm_enc *enc);
void pm_cputimers_park(void);
int pm_cputimers_restore(const void *data, size_t len);

/* usage.c: CPU time and the like */
void pm_usage_read(struct pm_usage *usage);
void pm_usage_add(struct pm_thread *thread, const struct pm_usage *now);
int pm_usage_tell(struct pm_thread *thread);
void pm_usage_watch(void);
void pm_masks_watch(void);
void pm_usage_exit(void);

#endif
