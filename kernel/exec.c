// SPDX-License-Identifier: GPL-2.0
/*
 * A program is replaced by another one.
 *
 * execve() of a program that is away is run by its deputy, as any call of class home. If it works,
 * the deputy's task is the new program, at its first instruction: the surrogate is told
 * to die with the old memory, all that the module knew of the old program is forgotten, and
 * the new one leaves before it has run, with an image that is little more than its first stack
 * pages. A program at home that has a policy leaves in the same way.
 *
 * The tracepoint sched_process_exec says that an exec has worked; after it none fails. The task
 * cannot prepare its own move, since that is done by who asks: so it has a work ask, and waits at
 * its boundary. If it cannot leave (set-uid, a 32-bit program, no link) it runs here.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/freezer.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "link.h"
#include "calls.h"
#include "deputy.h"
#include "policy.h"

/* ---- remote ---- */

/**
 * pm_exec_prepare() - a surrogate is about to ask for an exec
 * @thread: current's
 *
 * What its kernel here has for it would be lost with it: signals that are about to be taken go
 * first, CPU timers go home.
 * Return: false if the call is to be made again after the signals.
 */
bool pm_exec_prepare(struct pm_thread *thread)
{
	struct pm_img_cputimer timers[PM_CPU_TIMERS];
	struct kvec vec = { timers, sizeof(timers) };

	if (signal_pending(current))
		return false;
	pm_cputimers_read(timers);
	if (pm_chan_sendv_along(thread->chan, PM_MSG_CPUTIMERS, thread->sig_seen, 0, &vec, 1))
		pm_surrogate_lost(thread, -EPIPE);
	return true;
}

/* ---- home ---- */

/**
 * pm_exec_timers() - the surrogate is about to ask for an exec
 * @thread: current's
 * @buf: its CPU timers
 *
 * Return: 0 or -EPROTO.
 */
int pm_exec_timers(struct pm_thread *thread, const struct pm_buf *buf)
{
	if (buf->len != sizeof(thread->cputimers))
		return -EPROTO;
	memcpy(thread->cputimers, buf->data, sizeof(thread->cputimers));
	return 0;
}

/**
 * pm_exec_happened() - is the old program gone?
 * @thread: current's, a deputy that has just run an exec
 *
 * Return: true also if the exec has failed when it was too late to go back: then current is
 * about to die of that.
 */
bool pm_exec_happened(const struct pm_thread *thread)
{
	return !pm_mm_belongs(thread->proc->mm, current);
}

/* A program of which its owner may not know all stays here. */
static u32 pm_exec_place(u32 otherwise)
{
	return get_dumpable(current->mm) == SUID_DUMP_USER ? pm_policy_place(otherwise) :
							      pm_self_id();
}

/* Nothing of the old program is true of @thread any more, which is the only one now. */
static void pm_exec_reset_thread(struct pm_thread *thread)
{
	if (thread->chan) {
		pm_cputimers_restore(thread->cputimers, sizeof(thread->cputimers));
		pm_chan_drop(thread->chan);
		thread->chan = NULL;
	}
	if (thread->next) {
		pm_chan_drop(thread->next);
		thread->next = NULL;
	}
	/* it went with the address space */
	thread->scratch = (struct pm_scratch){};
	thread->restart_nr = -1;
	thread->oneshot_sig = 0;
	thread->wait.again = false;
	thread->tid = task_pid_nr(current);
	clear_bit(PM_T_STOP, &thread->flags);
	clear_bit(PM_T_FREEZE, &thread->flags);
	clear_bit(PM_T_PARKED, &thread->flags);
	clear_bit(PM_T_RECALL, &thread->flags);
	clear_bit(PM_T_RECALLED, &thread->flags);
}

/* Under pm_proc.prep. Nobody may take what comes from the old program's nodes for the new one's. */
static void pm_exec_reset_proc(struct pm_proc *proc, struct pm_thread *thread)
{
	struct pm_thread *pos = NULL;
	struct pm_mm *mm = proc->mm;
	char comm[TASK_COMM_LEN];

	/* somebody who asked after the exec has made that of the new program */
	if (mm && pm_mm_belongs(mm, current))
		mm = NULL;
	/* those that have died of it may still be on their way out of the tables */
	while ((pos = pm_thread_next(proc, pos)))
		if (pos != thread)
			pm_thread_unhash(pos);
	if (proc->chan) {
		pm_chan_drop(proc->chan);
		proc->chan = NULL;
	}
	memcpy(proc->cpu_seen, pm_machine_self()->cpu, sizeof(proc->cpu_seen));
	get_task_comm(comm, current);
	spin_lock(&proc->lock);
	if (mm)
		proc->mm = NULL;
	if (!proc->mm)
		proc->id = get_random_u64();
	proc->state = PM_AT_HOME;
	proc->family = 0;
	proc->node = proc->home;
	proc->back = 0;
	proc->recalls = 0;
	proc->team.leader = NULL;
	proc->team.order = PM_ORDER_NONE;
	proc->team.parked = 0;
	proc->team.busy = 0;
	memcpy(proc->comm, comm, sizeof(comm));
	spin_unlock(&proc->lock);
	if (mm)
		pm_mm_put(mm);
}

/* Forget the old program. Whoever prepares a move of it gives up. Return: 0 or -EINTR. */
static int pm_exec_forget(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	bool together;
	int err;

	if (thread->chan)
		pm_chan_sendv_along(thread->chan, PM_MSG_DIE, 0, 0, NULL, 0);
	spin_lock(&proc->lock);
	proc->coming = true;
	spin_unlock(&proc->lock);
	/* its relatives can move without it */
	spin_lock(&proc->lock);
	together = proc->req && proc->req->party;
	spin_unlock(&proc->lock);
	pm_req_finish(proc, together ? -EAGAIN : -EBUSY, PM_WHY_EXEC);
	err = mutex_lock_killable(&proc->prep);
	if (!err) {
		pm_exec_reset_thread(thread);
		pm_exec_reset_proc(proc, thread);
		/* if that waits in vfork() it does so no longer */
		pm_parent_drop(proc);
	}
	spin_lock(&proc->lock);
	proc->coming = false;
	spin_unlock(&proc->lock);
	if (!err)
		mutex_unlock(&proc->prep);
	return err;
}

/*
 * Wait for the move that has been asked for with the number @ticket.
 * Return: 0 it runs there, current is its deputy; or an error: it runs here, or is to die.
 */
static int pm_exec_wait(struct pm_proc *proc, u32 ticket)
{
	struct pm_thread *thread;
	int err = -EHOSTUNREACH;
	bool loops;

	for (;;) {
		if (wait_event_state(proc->team.wait, READ_ONCE(proc->req) ||
				     (s32)(READ_ONCE(proc->answered) - ticket) >= 0,
				     (TASK_KILLABLE | TASK_FREEZABLE)))
			return -EINTR;
		if (!READ_ONCE(proc->req)) {
			WRITE_ONCE(proc->back, 0);
			return err;
		}
		/* whoever prepares a move makes it */
		thread = pm_thread_current();
		if (!thread)
			return -ESRCH;
		loops = test_and_set_bit(PM_T_LOOP, &thread->flags);
		err = pm_deputy_leave(thread);
		if (!err)
			return 0;
		if (!loops)
			clear_bit(PM_T_LOOP, &thread->flags);
	}
}

/* Have current, which is at its first instruction at home, moved to @node. As pm_exec_wait(). */
static int pm_exec_go(struct pm_proc *proc, u32 node)
{
	u32 ticket;
	int err;

	WRITE_ONCE(proc->fresh, true);
	spin_lock(&proc->lock);
	proc->back = node;
	ticket = ++proc->asked;
	spin_unlock(&proc->lock);
	pm_proc_send_back(proc);
	err = pm_exec_wait(proc, ticket);
	WRITE_ONCE(proc->fresh, false);
	return err;
}

/**
 * pm_exec_leave() - current is a new program, and the module knows the old one
 * @thread: current's
 *
 * Context: its boundary. Return: 0 it is away again, 1 it runs here, or is to die.
 */
int pm_exec_leave(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u32 node;
	int err;

	if (!test_and_clear_bit(PM_T_EXECED, &thread->flags))
		return 1;	/* it was too late to go back */
	current_pt_regs()->orig_ax = -1;
	/* the last part of closing what is closed on exec */
	pm_deputy_works();
	node = pm_exec_place(pm_proc_place(proc));
	err = pm_exec_forget(thread);
	if (!err && node != proc->home)
		err = pm_exec_go(proc, node);
	else if (!err)
		err = -EEXIST;
	if (err)
		pm_thread_kick(thread);	/* nothing to remember: settle */
	return err ? 1 : 0;
}

/* A program that the module does not know and that has a policy. May not return. */
static void pm_exec_policy_work(struct callback_head *work)
{
	struct pm_thread *thread = NULL;
	struct pm_proc *proc = NULL;
	u32 node;
	int err;

	if (!pm_work_last(work))
		return;
	kfree(work);
	node = current->flags & PF_EXITING ? pm_self_id() : pm_exec_place(pm_self_id());
	if (node != pm_self_id())
		proc = pm_proc_of(current);
	if (proc) {
		err = pm_exec_go(proc, node);
		thread = pm_thread_current();
		if (err && thread)
			pm_thread_kick(thread);
		if (err)
			thread = NULL;
		pm_proc_put(proc);
	}
	/* from here on the thread holds the module */
	module_put(THIS_MODULE);
	if (thread)
		pm_deputy_loop(thread);
}

/**
 * pm_exec_done() - current has started another program
 *
 * Context: tracepoint sched_process_exec, preemption off.
 */
void pm_exec_done(void)
{
	struct pm_thread *thread = pm_thread_current();
	struct callback_head *work;
	struct pm_policy policy;

	if (thread) {
		set_bit(PM_T_EXECED, &thread->flags);
		/* a deputy comes to know by itself */
		if (!test_bit(PM_T_LOOP, &thread->flags))
			pm_thread_kick(thread);
		return;
	}
	pm_policy_get(task_tgid(current), &policy);
	if (policy.kind == PROCMIG_POLICY_NONE || policy.kind == PROCMIG_POLICY_STAY)
		return;
	work = kmalloc(sizeof(*work), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!work || !try_module_get(THIS_MODULE)) {
		kfree(work);
		return;
	}
	init_task_work(work, pm_exec_policy_work);
	if (task_work_add(current, work, TWA_RESUME)) {
		module_put(THIS_MODULE);
		kfree(work);
	}
}
