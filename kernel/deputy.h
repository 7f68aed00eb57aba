/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The home end of moves: what deputy_move.c, deputy_freeze.c and deputy_leave.c share. Context: the
 * deputy.
 */
#ifndef PM_DEPUTY_H
#define PM_DEPUTY_H

#include "proc.h"

#define PM_WHY_COMING "it is coming home by itself"
#define PM_WHY_EXEC "it has just started another program"
#define PM_WHY_THREAD "a thread of it does not respond: it is in an uninterruptible sleep"

/* The move that is asked for, taken; NULL if there is none any more. */
struct pm_req *pm_req_take(struct pm_proc *proc);
/* Tell the asker (struct pm_req) the first reason why it did not move. */
void pm_leave_reason(void *arg, const char *text);
/*
 * Give the image to the prepared surrogate and commit, together with the others that move.
 * Return: 0, -EPIPE, what FAILED says, what has happened to one of the others, ...
 */
int pm_send_image(struct pm_proc *proc, struct pm_req *req, const void *image, size_t len);
/* The process is at @node now: count it, tell everybody. */
void pm_set_place(struct pm_proc *proc, u32 node, enum pm_state state, u64 freeze_ns);
/* It has got to @req->dest, and has seen the processors there from now on. */
void pm_see_cpu(struct pm_proc *proc, const struct pm_req *req);
/* Give the threads their prepared channels, which they adopt when they are told. */
void pm_hand_out(struct pm_proc *proc, struct pm_req *req);
void pm_adopt_chan(struct pm_thread *thread);

/* How long a node may take for one step before the move is given up. */
#define PM_STEP_TIMEOUT	(10 * HZ)

/* ---- deputy_freeze.c ---- */

/*
 * pm_freeze() - freeze all threads and get the image, which goes to @dest
 * @thread: leads its team; @party: with whom it moves, or NULL
 * Return: the image, or ERR_PTR: -EAGAIN it stays where it is; or as pm_freeze_own().
 */
struct pm_buf *pm_freeze(struct pm_thread *thread, u32 dest, struct pm_party *party);
/*
 * pm_freeze_own() - freeze the surrogate of this thread
 * What it had sent before is handled first: a call is answered by "again", so that it comes in the
 * image. @leads: there is a limit of time; if not, it is over
 * when the leader does not call any more.
 * Return: 0 nothing more will come, -EBUSY, -EAGAIN it is over, -EINTR, -EPROTO, -EPIPE.
 */
int pm_freeze_own(struct pm_thread *thread, bool leads);
/* The move has failed with @err: the process runs on where it is. -EPIPE: it is lost. */
int pm_resume(struct pm_thread *thread, int err);

/** enum pm_next - verdicts of a step of the deputy; negative errnos are others */
enum pm_next {
	PM_NEXT_STAY,	/* go on as deputy */
	PM_NEXT_HOME,	/* the process is here: return to user mode */
	PM_NEXT_EXEC,	/* this task is a new program at its first instruction */
};

/* deputy_call.c: PM_MSG_CALL. Return: 0, PM_NEXT_EXEC, -EPROTO, -EPIPE. May die in the call. */
int pm_deputy_call(struct pm_thread *thread, const struct pm_buf *buf);
/* deputy_home.c: the first call of this thread at home will be one that only runs there. */
void pm_deputy_recall_mark(struct pm_thread *thread);
/* PM_MSG_RECALL: the next call of the program is such a one. Return: enum pm_next, -EPIPE. */
int pm_deputy_recall(struct pm_thread *thread);
/* A signal goes to the surrogate: a call that it has broken off is over. */
void pm_deputy_sends(struct pm_thread *thread);
/* Take the next signal for the surrogate if there is one that it may have. */
bool pm_deputy_signal(struct pm_thread *thread, struct pm_wire_siginfo *wire);

#endif
