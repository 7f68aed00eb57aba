// SPDX-License-Identifier: GPL-2.0
/*
 * Moves for reasons of the process's own: it goes back after a call that only runs at home, or
 * has its new program started elsewhere; comes home for a call, with its relatives; asks itself.
 *
 * Whoever asks for a move waits for it, while the process goes to its boundary: it cannot do
 * both. So works ask, one for each of these.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "link.h"
#include "deputy.h"
#include "family.h"

/* How long one tries that cannot go on otherwise. */
#define PM_GO_HOME_TIMEOUT	(30 * HZ)

/* ---- it goes back, or comes for a call ---- */

/*
 * Move the process of @task, with the rights of @cred, or NULL: with its own. Under proc->prep,
 * which is let go of. Return: as pm_move_held().
 */
static int pm_go(struct pm_proc *proc, struct task_struct *task, const struct cred *cred,
		 const struct pm_way *way)
{
	char text[sizeof_field(struct pm_req, why)] = "";
	struct pm_why why = { text, sizeof(text) };
	struct task_struct *live = pm_live_thread(task);
	const struct cred *rights = cred ? get_cred(cred) : get_task_cred(live), *old;
	int err;

	old = override_creds(rights);
	err = pm_move_held(proc, live, way, &why);
	revert_creds(old);
	put_cred(rights);
	put_task_struct(live);
	if (err)
		pr_debug("process %d does not move by itself to %u (%d): %s\n",
			 pid_nr(proc->tgid), way->node, err, text);
	return err;
}

/*
 * Whoever has asked otherwise meanwhile has put an end to the going back. Those that it shares
 * memory with by now are to be its own, or to go back too.
 */
static void pm_go_back_task(struct pm_proc *proc, struct task_struct *task)
{
	struct pm_way way = { .returns = true };

	mutex_lock(&proc->prep);
	way.node = READ_ONCE(proc->back);
	if (way.node)
		pm_go(proc, task, NULL, &way);
	else
		mutex_unlock(&proc->prep);
}

/* A process that had come home for one system call goes on its way, or has started a program. */
void pm_go_back(struct work_struct *work)
{
	struct pm_proc *proc = container_of(work, struct pm_proc, back_work);
	struct task_struct *task = get_pid_task(proc->tgid, PIDTYPE_TGID);
	u32 asked;

	spin_lock(&proc->lock);
	asked = proc->asked;
	spin_unlock(&proc->lock);
	if (task) {
		pm_go_back_task(proc, task);
		put_task_struct(task);
	}
	WRITE_ONCE(proc->answered, asked);
	pm_proc_wake(proc);
	pm_proc_put(proc);
	module_put(THIS_MODULE);
}

/* Bring all of the family home; it goes back after the call. 0: done, or nothing to do. */
static int pm_go_home_try(struct pm_proc *proc, struct task_struct *task)
{
	struct pm_way way = { .node = proc->home };
	int err;

	mutex_lock(&proc->prep);
	way.back = READ_ONCE(proc->node);
	if (way.back == proc->home) {
		mutex_unlock(&proc->prep);
		return 0;
	}
	err = pm_go(proc, task, current_cred(), &way);
	return atomic_read(&task->signal->live) ? err : 0;
}

/*
 * A process that needs to be at home, for a call for example, cannot leave its relatives behind. It
 * waits for one that is stopped, or busy. If they cannot come it cannot go on.
 */
void pm_go_home(struct work_struct *work)
{
	struct pm_proc *proc = container_of(work, struct pm_proc, home_work);
	struct task_struct *task = get_pid_task(proc->tgid, PIDTYPE_TGID);
	unsigned long end = jiffies + PM_GO_HOME_TIMEOUT;
	unsigned int pause = 20;
	int err = task ? -EBUSY : 0;

	while (err && (err == -EBUSY || time_before(jiffies, end))) {
		err = pm_go_home_try(proc, task);
		if (err == -EBUSY)
			end = jiffies + PM_GO_HOME_TIMEOUT;
		/* two who wait for each other do not do so in step */
		if (err)
			msleep(pause + get_random_u32() % pause);
		pause = min(pause + pause / 2, 1000U);
	}
	if (err) {
		pr_notice_ratelimited("process %d (%s) is killed: those that it shares memory with could not be brought home with it\n",
				      pid_nr(proc->tgid), proc->comm);
		send_sig(SIGKILL, task, 1);
	}
	if (task)
		put_task_struct(task);
	pm_proc_put(proc);
	module_put(THIS_MODULE);
}

/* ---- it has asked by itself ---- */

static void pm_own_done(struct pm_proc *proc, int err)
{
	spin_lock(&proc->lock);
	proc->own.err = err;
	proc->own.when = jiffies;
	WRITE_ONCE(proc->own.step, PM_OWN_DONE);
	spin_unlock(&proc->lock);
	pm_proc_wake(proc);
}

void pm_go_own(struct work_struct *work)
{
	struct pm_proc *proc = container_of(work, struct pm_proc, own_work);
	struct task_struct *task = get_pid_task(proc->tgid, PIDTYPE_TGID);
	const struct cred *cred;
	struct pm_way way = {};
	struct pm_turn turn;
	int err = -ESRCH;

	spin_lock(&proc->lock);
	way.node = proc->own.node;
	cred = proc->own.cred;
	proc->own.cred = NULL;
	spin_unlock(&proc->lock);
	/* nobody kills a work */
	if (task && !pm_turn_take(&turn, proc->tgid, way.node)) {
		mutex_lock(&proc->prep);
		/* what it may move is what its owner may */
		err = pm_go(proc, task, cred, &way);
		pm_turn_end(&turn);
	}
	if (task)
		put_task_struct(task);
	put_cred(cred);
	pm_own_done(proc, err);
	pm_proc_put(proc);
	module_put(THIS_MODULE);
}

/* Is it current that has asked for this? Under pm_proc.lock, or without for a hint. */
static bool pm_own_mine(const struct pm_own *own, u32 node)
{
	return READ_ONCE(own->tid) == task_pid_nr(current) && READ_ONCE(own->node) == node;
}

/* Note what current asks for, if it is not what it has asked for already. Return: 0 or -EBUSY. */
static int pm_own_ask(struct pm_proc *proc, u32 node, struct pm_why *why)
{
	struct pm_own *own = &proc->own;
	bool mine, there, free;

	spin_lock(&proc->lock);
	mine = pm_own_mine(own, node);
	there = pm_proc_place(proc) == node;
	/*
	 * What is done may also be what another program has left, or a handler that did not return.
	 * And if the write itself brings it home, for it is a 32-bit call, it has been there.
	 */
	free = own->step == PM_OWN_NONE ||
	       (own->step == PM_OWN_DONE &&
		!(mine && (there || (own->err && time_before(jiffies, own->when + HZ)))));
	if (free) {
		own->step = PM_OWN_ASKED;
		WRITE_ONCE(own->tid, task_pid_nr(current));
		WRITE_ONCE(own->node, node);
		own->cred = get_current_cred();
		pm_proc_send_own(proc);
	}
	spin_unlock(&proc->lock);
	if (free || mine || there)
		return 0;
	scnprintf(why->text, why->len, "another move of it is going on");
	return -EBUSY;
}

/* What has come of it: another thread may not have waited until current has seen that. */
static int pm_own_result(struct pm_proc *proc, u32 node, struct pm_why *why)
{
	int err;

	spin_lock(&proc->lock);
	if (pm_own_mine(&proc->own, node)) {
		err = proc->own.err;
		proc->own.step = PM_OWN_NONE;
	} else {
		err = pm_proc_place(proc) == node ? 0 : -EBUSY;
	}
	spin_unlock(&proc->lock);
	if (err == -EBUSY)
		scnprintf(why->text, why->len, "it does not respond, or another move goes on");
	return err;
}

int pm_move_self(u32 node, struct pm_why *why)
{
	struct pm_proc *proc;
	int err;

	/* the task that is to say so again */
	if (current->flags & (PF_KTHREAD | PF_IO_WORKER)) {
		scnprintf(why->text, why->len, "it can ask for its own move only by a plain write");
		return -EBUSY;
	}
	proc = pm_proc_of(current);
	if (!proc)
		return -ENOMEM;
	err = pm_own_ask(proc, node, why);
	if (!err && wait_event_interruptible(proc->team.wait,
					     READ_ONCE(proc->own.step) != PM_OWN_ASKED ||
					     !pm_own_mine(&proc->own, node)))
		err = -ERESTARTNOINTR;
	else if (!err)
		err = pm_own_result(proc, node, why);
	pm_proc_put(proc);
	return err;
}
