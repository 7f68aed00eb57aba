/* SPDX-License-Identifier: GPL-2.0 */
/* System calls of a surrogate: what calls.c, calls_both.c, calls_map.c and surrogate.c share. */
#ifndef PM_CALLS_H
#define PM_CALLS_H

#include "mem_wire.h"
#include "proc.h"

/**
 * struct pm_map_reply - follows the answer to PM_MSG_MAP
 * @file: id of the file in the process's images
 * @zero: 0
 * @ident: what the file is at home
 */
struct pm_map_reply {
	__le32 file;
	__le32 zero;
	struct pm_file_ident ident;
};

/* calls.c */
long pm_recall(struct pm_thread *thread);
u32 pm_request_begin(struct pm_thread *thread, u16 type, const void *a, size_t alen, const void *b,
		     size_t blen);
struct pm_buf *pm_request_end(struct pm_thread *thread, u32 seq);
struct pm_buf *pm_request(struct pm_thread *thread, u16 type, const void *a, size_t alen,
			  const void *b, size_t blen);
void pm_reply_free(struct pm_thread *thread, struct pm_buf *buf);
const struct pm_reply *pm_take_reply(struct pm_thread *thread, const struct pm_buf *buf,
				     const void **data, size_t *len);

/* calls_both.c: both nodes have a part; true: done, result in regs->ax; false: run it here */
bool pm_both_call(struct pm_thread *thread, struct pt_regs *regs, const unsigned long *args);
/*
 * Nobody shares the memory of current: whoever learns of what it does learns it through home, which
 * reads in order what it says.
 */
bool pm_unseen(const struct pm_thread *thread);
/* The deputy: an answer without data or signals. Return: 0 or -EPIPE. */
int pm_answer(struct pm_thread *thread, u32 seq, long ret, u32 flags);

/* calls_map.c */
/* mmap() of a file; the value for ax. */
long pm_both_mmap(struct pm_thread *thread, struct pt_regs *regs, const unsigned long *orig);
/*
 * At its boundary: tell home of the files that current has unmapped. It goes on when they are
 * closed, if somebody else could look for that.
 */
void pm_tell_closed(struct pm_thread *thread);
/* Before a call: the same of those of processes that have ended, whose memory was a copy of it. */
void pm_tell_late(struct pm_thread *thread);

/* clone.c: clone() and clone3(); the value for ax */
long pm_both_clone(struct pm_thread *thread, const struct pt_regs *regs);

/* exec.c: before an exec is asked for; false: it is to be made again after the signals */
bool pm_exec_prepare(struct pm_thread *thread);
/* What home has to say something about when a process is made. */
#define PM_FORK_HOME	(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_IO | CLONE_PARENT | \
			 CLONE_PIDFD | CLONE_CLEAR_SIGHAND)

/* fork.c: a clone that makes a process, its arguments checked; the value for ax */
long pm_both_fork(struct pm_thread *thread, const struct pt_regs *regs,
		  struct kernel_clone_args *args);

/* join.c */
/* Threads of one process. */
#define PM_MAX_THREADS	8192
/* How long the threads of a process, and their channels, may take to come. */
#define PM_JOIN_TIMEOUT	(10 * HZ)
/* The channel of the thread @tid that home has made, of @child or (0) of the own process. */
struct pm_chan *pm_join_wait(struct pm_thread *thread, u32 tid, u64 child,
			     unsigned long timeout);
/* The same or, with @tid 0, any; with a reference. NULL: nobody has opened it, or it is taken. */
struct pm_chan *pm_join_take(struct pm_proc *proc, u32 tid, u64 child);

/* birth.c */
/* So long may somebody else still have an id that is taken at home, in jiffies. */
#define PM_BIRTH_PATIENCE (PM_JOIN_TIMEOUT / 2)
/*
 * A thread @tid of @proc; @chan, if there is one, becomes its; @patience: how long somebody may
 * still have the id, in jiffies. Return: @tid or negative errno.
 */
int pm_birth_clone(struct pm_thread *thread, struct pm_proc *proc, pid_t tid,
		   struct pm_chan *chan, struct kernel_clone_args *args, unsigned long patience);

/* surrogate.c */
/* Send the signals of current's own queue home; only blocked ones or all. Return: 0 or -EPIPE. */
int pm_give_back(struct pm_thread *thread, bool blocked_only);
/* Home is gone or broke the protocol (@err): the task dies. */
void pm_surrogate_lost(struct pm_thread *thread, int err);
/* Must the task wait at its boundary for home before it may go on? */
bool pm_must_wait(const struct pm_thread *thread);

#endif
