// SPDX-License-Identifier: GPL-2.0
/*
 * Asking for a move: preparation of the destination, the request, the answer.
 *
 * All of this happens in the context of whoever asks, while the process runs. Only then is
 * its own task (home) or its deputy (away) sent to its boundary, to freeze and hand over
 * (deputy_move.c). The states of a process at its home node:
 *
 *	           leave                    come home
 *	AT_HOME ----------> AWAY -----------------------> DRAINING ---> AT_HOME
 *	   ^  (fails: stays)  |  ^ (fails: stays)            |   nothing left elsewhere
 *	   |                  +--+ hop                       |
 *	   +--------- the process dies, from any state <-----+---> AWAY (leaves after draining)
 *
 * pm_proc.prep is held by the asker from the first check to the result, so that there is one move
 * at a time and nobody else changes the process's set of threads and its memory object.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "event.h"
#include "fault.h"
#include "link.h"
#include "deputy.h"

/* How long the process may take to pass its boundary: an uninterruptible sleep, a stop. */
#define PM_TAKE_TIMEOUT	HZ
/* How long somebody waits who needs it at home. */
#define PM_CALL_HOME_TIMEOUT	(5 * HZ)

const char *pm_state_name(enum pm_state state)
{
	static const char * const names[] = {
		[PM_AT_HOME] = "home", [PM_DRAINING] = "draining",
		[PM_LEAVING] = "moving", [PM_AWAY] = "away",
	};

	return names[state];
}

/** struct pm_why - where to put the first reason */
struct pm_why {
	char *text;
	size_t len;
};

static void pm_first_reason(void *arg, const char *text)
{
	struct pm_why *why = arg;

	if (why->len && !*why->text)
		strscpy(why->text, text, why->len);
}

/* Is @node there, and can the program run on its processor and kernel? */
int pm_check_machine(const u32 *cpu_seen, u32 node, u32 pid, struct pm_machine *machine,
		     char *why, size_t len)
{
	const struct pm_machine *self = pm_machine_self();
	char name[32] = "";
	int err = pm_link_machine(node, machine);

	if (err == -ENXIO)
		scnprintf(why, len, "node %u is not configured", node);
	else if (err)
		scnprintf(why, len, "there is no link to node %u now", node);
	if (err)
		return err;
	if (memcmp(machine->kernel, self->kernel, sizeof(self->kernel)) ||
	    memcmp(machine->vdso, self->vdso, sizeof(self->vdso))) {
		scnprintf(why, len, "node %u runs another kernel", node);
		return -EXDEV;
	}
	if (pm_machine_missing(cpu_seen, self->xfeatures, machine, name, sizeof(name))) {
		scnprintf(why, len, "the processor of node %u lacks %s", node, name);
		return -EXDEV;
	}
	if (pid >= machine->pid_max) {
		scnprintf(why, len, "pid %u is too large for node %u (kernel.pid_max)",
			  pid, node);
		return -EXDEV;
	}
	return 0;
}

/* The memory object of the process; a new one after an exec. Under pm_proc.prep. */
static int pm_proc_refresh_mm(struct pm_proc *proc, struct task_struct *task)
{
	struct pm_mm *old = proc->mm, *fresh;
	struct mm_struct *mm;

	if (old && (proc->state == PM_AWAY || pm_mm_belongs(old, task)))
		return 0;
	mm = get_task_mm(task);
	if (!mm)
		return -ESRCH;
	fresh = pm_mm_create(proc->id, proc->home, mm);
	mmput(mm);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	spin_lock(&proc->lock);
	proc->mm = fresh;
	proc->state = PM_AT_HOME;
	spin_unlock(&proc->lock);
	if (old)
		pm_mm_put(old);
	return 0;
}

static void pm_kick_all(struct pm_proc *proc)
{
	struct pm_thread *thread;

	spin_lock(&proc->lock);
	list_for_each_entry(thread, &proc->threads, entry)
		pm_thread_kick(thread);
	spin_unlock(&proc->lock);
	/* one that has just started another program waits for a move */
	wake_up_all(&proc->team.wait);
}

/* Hand the request to the process and wait until it is done. */
static int pm_ask(struct pm_proc *proc, struct task_struct *task, struct pm_req *req,
		  struct pm_why *why)
{
	unsigned long end = jiffies + PM_TAKE_TIMEOUT;
	bool coming, late;
	long left;

	spin_lock(&proc->lock);
	coming = proc->coming;
	if (!coming)
		proc->req = pm_req_get(req);
	spin_unlock(&proc->lock);
	if (coming) {
		scnprintf(why->text, why->len, "it is coming home by itself");
		return -EBUSY;
	}
	if (req->from == proc->home)
		pm_wait_note(task);
	for (;;) {
		/* then it is for who conducts the move to call the others */
		if (!READ_ONCE(req->taken))
			pm_kick_all(proc);
		left = wait_for_completion_killable_timeout(&req->done, HZ / 20);
		if (left)
			break;
		spin_lock(&proc->lock);
		late = !req->taken && proc->req && time_after(jiffies, end);
		if (late)
			proc->req = NULL;
		spin_unlock(&proc->lock);
		if (late) {
			pm_req_put(req);
			scnprintf(why->text, why->len,
				  "it does not respond: stopped, or in an uninterruptible sleep");
			return -EBUSY;
		}
	}
	if (left < 0) {
		spin_lock(&proc->lock);
		late = !req->taken && proc->req == req;
		if (late)
			proc->req = NULL;
		spin_unlock(&proc->lock);
		if (late)
			pm_req_put(req);
		return -EINTR;
	}
	if (req->err && !*why->text)
		strscpy(why->text, req->why, why->len);
	return req->err;
}

static struct pm_req *pm_req_new(u32 dest)
{
	struct pm_req *req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);

	if (!req)
		return NULL;
	kref_init(&req->ref);
	init_completion(&req->done);
	xa_init(&req->threads);
	req->trip = get_random_u64();
	req->dest = dest;
	return req;
}

/* It has, or nothing keeps it from it any more. */
static bool pm_has_ended(struct task_struct *task)
{
	return !atomic_read(&task->signal->live) ||
	       READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT;
}

/* What the asker is told when a move has failed with @err. */
static int pm_move_error(struct pm_proc *proc, struct task_struct *task, u32 node, int err,
			 struct pm_why *why)
{
	if (pm_has_ended(task)) {
		scnprintf(why->text, why->len, "the process has ended");
		return -ESRCH;
	}
	/* the memory that was to move is gone */
	if (proc->mm && !pm_mm_belongs(proc->mm, task)) {
		scnprintf(why->text, why->len, PM_WHY_EXEC);
		return -EBUSY;
	}
	switch (err) {
	case -EAGAIN:
		return -EBUSY;
	case -EINTR:
		if (fatal_signal_pending(current))
			return err;
		scnprintf(why->text, why->len, "a thread of it has ended meanwhile");
		return -EBUSY;
	case -EPROTO:
	case -EPIPE:
	case -ETIMEDOUT:
		scnprintf(why->text, why->len, "node %u failed during the move, see the logs",
			  node);
		return -EHOSTUNREACH;
	default:
		return err;
	}
}

static int pm_move_prepared(struct pm_proc *proc, struct task_struct *task, u32 node,
			    struct pm_machine *machine, struct pm_why *why)
{
	int err = pm_proc_refresh_mm(proc, task), i;
	struct pm_req *req;

	err = err ?: pm_team_adopt(proc, task);
	req = err ? NULL : pm_req_new(node);
	if (!err && !req)
		err = -ENOMEM;
	if (req)
		req->from = proc->node;
	if (!err && proc->state == PM_DRAINING)
		err = pm_mm_drain(proc->mm);
	if (!err && node == proc->home)
		err = pm_mm_connect(proc->mm, proc->node);
	else if (!err)
		err = pm_prepare(proc, req);
	if (!err)
		err = pm_ask(proc, task, req, why);
	if (err && node == proc->home && req && !req->taken)
		pm_mm_sources_close(proc->mm);
	if (!err && node != proc->home)
		for (i = 0; i < PM_CPU_WORDS; i++)
			proc->cpu_seen[i] |= machine->cpu[i];
	if (req)
		pm_req_put(req);
	return err ? pm_move_error(proc, task, node, err, why) : 0;
}

struct pm_proc *pm_proc_of(struct task_struct *task)
{
	struct pm_proc *proc = pm_proc_make(PM_DEPUTY, get_random_u64(), pm_self_id(),
					    task_tgid(task));

	if (!proc || proc->moves || READ_ONCE(proc->state) == PM_AWAY)
		return proc;
	memcpy(proc->cpu_seen, pm_machine_self()->cpu, sizeof(proc->cpu_seen));
	get_task_comm(proc->comm, task->group_leader);
	return proc;
}

static int pm_move_locked(struct pm_proc *proc, struct task_struct *task, u32 node,
			  struct pm_why *why)
{
	struct pm_machine *machine;
	int err = 0;

	if (READ_ONCE(proc->birth)) {
		scnprintf(why->text, why->len, "it is just being forked");
		return -EBUSY;
	}
	/* as of one that waits at home, which does not respond */
	if (READ_ONCE(proc->vfork) || READ_ONCE(proc->vforks)) {
		pm_can_move(task, pm_first_reason, why);
		return -EBUSY;
	}
	/* one whose asker was killed may still be going on */
	if (READ_ONCE(proc->req)) {
		scnprintf(why->text, why->len, "another move of it is going on");
		return -EBUSY;
	}
	if (READ_ONCE(proc->node) == node)
		return 0;
	/* what is elsewhere may always come home */
	if (node != proc->home && pm_can_move(task, pm_first_reason, why))
		return READ_ONCE(task->mm) ? -EOPNOTSUPP : -ESRCH;
	machine = kzalloc(sizeof(*machine), GFP_KERNEL);
	if (!machine)
		return -ENOMEM;
	if (node != proc->home)
		err = pm_check_machine(proc->cpu_seen, node, pid_nr(proc->tgid), machine,
				       why->text, why->len);
	if (!err)
		err = pm_move_prepared(proc, task, node, machine, why);
	kfree(machine);
	return err;
}

/*
 * Under pm_proc.prep, which is released. @returns: it goes back after a call that ran at home; the
 * call of another thread may keep it from that for now. If it is something else it stays: as
 * can_move tells.
 */
static int pm_move_held(struct pm_proc *proc, struct task_struct *task, u32 node, bool returns,
			struct pm_why *why)
{
	int err = pm_move_locked(proc, task, node, why);
	struct pm_info info;

	spin_lock(&proc->lock);
	proc->back = returns && err && proc->recalls ? node : 0;
	spin_unlock(&proc->lock);
	mutex_unlock(&proc->prep);
	/* if it stayed at home it has nothing to remember: let it find out */
	pm_kick_all(proc);
	if (err) {
		pm_proc_info(proc, &info);
		pm_event_proc(PROCMIG_EV_FAILED, &info, err);
	}
	/* one that has ended meanwhile has not seen what was made for it */
	if (!atomic_read(&task->signal->live))
		pm_proc_forget(proc->tgid);
	return err;
}

static int pm_move_live(struct task_struct *task, u32 node, char *text, size_t len)
{
	struct pm_why why = { text, len };
	struct pm_proc *proc;
	int err;

	if (len)
		*text = '\0';
	if (!pm_self_id()) {
		scnprintf(text, len, "this node has no id yet (procmig self ID)");
		return -EHOSTUNREACH;
	}
	if (node > PM_NODE_MAX)
		return -EINVAL;
	if (node == PM_NODE_HOME)
		node = pm_self_id();
	if (task->flags & PF_KTHREAD)
		return -EOPNOTSUPP;
	if (!pid_alive(task))
		return -ESRCH;
	if (!pm_may_move(task)) {
		scnprintf(text, len, "only its owner and CAP_SYS_ADMIN may move it");
		return -EPERM;
	}
	proc = pm_proc_of(task);
	if (!proc)
		return -ENOMEM;
	if (!mutex_trylock(&proc->prep)) {
		pm_proc_put(proc);
		scnprintf(text, len, "another move of it is going on");
		return -EBUSY;
	}
	WRITE_ONCE(proc->back, 0);
	err = pm_move_held(proc, task, node, false, &why);
	pm_proc_put(proc);
	return err;
}

int pm_move(struct task_struct *task, u32 node, char *text, size_t len)
{
	struct task_struct *live = pm_live_thread(task);
	int err = pm_move_live(live, node, text, len);

	put_task_struct(live);
	return err;
}

int pm_call_home(struct pm_proc *proc)
{
	struct task_struct *leader = get_pid_task(proc->tgid, PIDTYPE_TGID), *task;
	unsigned long end = jiffies + PM_CALL_HOME_TIMEOUT;
	char text[sizeof_field(struct pm_req, why)] = "";
	struct pm_why why = { text, sizeof(text) };
	int err;

	if (!leader)
		return -ESRCH;
	task = pm_live_thread(leader);
	put_task_struct(leader);
	for (;;) {
		err = mutex_lock_killable(&proc->prep);
		if (err)
			break;
		/* it stays */
		WRITE_ONCE(proc->back, 0);
		err = pm_move_held(proc, task, proc->home, false, &why);
		/* it may be on its way to some place, or here */
		if (err != -EBUSY || time_after(jiffies, end) || fatal_signal_pending(current))
			break;
		schedule_timeout_killable(HZ / 50);
	}
	put_task_struct(task);
	return err;
}

/* Whoever has asked otherwise meanwhile has put an end to the going back. */
static void pm_go_back_task(struct pm_proc *proc, struct task_struct *task)
{
	char text[sizeof_field(struct pm_req, why)];
	struct pm_why why = { text, sizeof(text) };
	struct task_struct *live;
	u32 node;

	*text = '\0';
	live = pm_live_thread(task);
	mutex_lock(&proc->prep);
	node = READ_ONCE(proc->back);
	if (node)
		pm_move_held(proc, live, node, true, &why);
	else
		mutex_unlock(&proc->prep);
	put_task_struct(live);
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

void pm_info(struct task_struct *task, struct pm_info *info)
{
	struct pm_proc *proc = pm_proc_find(PM_DEPUTY, task_tgid(task));

	if (!proc)
		proc = pm_proc_find(PM_SURROGATE, task_tgid(task));
	if (proc) {
		pm_proc_info(proc, info);
		pm_proc_put(proc);
		return;
	}
	memset(info, 0, sizeof(*info));
	info->pid = task_tgid_vnr(task);
	info->node = info->home = pm_self_id();
	info->state = PM_AT_HOME;
	pm_task_memory(task, &info->memory);
	pm_policy_get(task_tgid(task), &info->policy);
	get_task_comm(info->comm, task->group_leader);
}
