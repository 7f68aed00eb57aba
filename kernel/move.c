// SPDX-License-Identifier: GPL-2.0
/*
 * Who wants a process to move, and when; ask.c does the rest.
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
#include <linux/delay.h>
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
#include "family.h"

/* How long somebody waits who needs it at home. */
#define PM_CALL_HOME_TIMEOUT	(5 * HZ)
/* How often those that move together are looked for, when there are ever more of them. */
#define PM_MOVE_TRIES	20

const char *pm_state_name(enum pm_state state)
{
	static const char * const names[] = {
		[PM_AT_HOME] = "home", [PM_DRAINING] = "draining",
		[PM_LEAVING] = "moving", [PM_AWAY] = "away",
	};

	return names[state];
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
	if (memcmp(machine->kernel, self->kernel, sizeof(self->kernel))) {
		scnprintf(why, len, "node %u runs another kernel", node);
		return -EXDEV;
	}
	if (memcmp(machine->vdso, self->vdso, sizeof(self->vdso))) {
		scnprintf(why, len, "the kernel of node %u has another vdso", node);
		return -EXDEV;
	}
	if (pm_machine_missing(cpu_seen, self->xfeatures, machine, name, sizeof(name))) {
		scnprintf(why, len, "the processor of node %u lacks %s", node, name);
		return -EXDEV;
	}
	/* the layout of signal frames, and the room that a program sets aside for its registers */
	if ((machine->xfeatures ^ self->xfeatures) & ~(u64)XFEATURE_MASK_XTILE) {
		scnprintf(why, len, "the processor of node %u has other extended state (xstate)",
			  node);
		return -EXDEV;
	}
	if (pid >= machine->pid_max) {
		scnprintf(why, len, "pid %u is too large for node %u (kernel.pid_max)",
			  pid, node);
		return -EXDEV;
	}
	return 0;
}

/* Can a program that has chosen its code by what @node has come home? */
int pm_check_return(u32 node, const struct pm_machine *machine, char *why, size_t len)
{
	char name[32] = "";

	if (!pm_machine_missing(machine->cpu, machine->xfeatures, pm_machine_self(), name,
				sizeof(name)))
		return 0;
	scnprintf(why, len,
		  "the processor here lacks %s, which a program that starts on node %u may use",
		  name, node);
	return -EXDEV;
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

/* It may be known from a time when this node had another id. Under pm_proc.prep. */
void pm_proc_rehome(struct pm_proc *proc)
{
	struct pm_mm *mm = NULL;
	u32 self = pm_self_id();

	spin_lock(&proc->lock);
	if (proc->home != self && proc->state == PM_AT_HOME && self) {
		mm = proc->mm;
		proc->mm = NULL;
		proc->id = get_random_u64();
		proc->home = self;
		proc->node = self;
	}
	spin_unlock(&proc->lock);
	if (mm)
		pm_mm_put(mm);
}

/* The call of one of them for which they are at home is still to be made, or goes on. */
static bool pm_kin_recalled(struct pm_kin *kin)
{
	struct pm_asked *asked;
	bool recalled = false;
	unsigned int i;

	for (i = 0; i < kin->n; i++) {
		asked = &kin->asked[i];
		if (!asked->proc && pid_alive(asked->task))
			asked->proc = pm_proc_find(PM_DEPUTY, task_tgid(asked->task));
		recalled = recalled || (asked->proc && READ_ONCE(asked->proc->recalls));
	}
	return recalled;
}

static bool pm_kin_has(const struct pm_kin *kin, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < kin->n; i++)
		if (kin->asked[i].task->signal == task->signal)
			return true;
	return false;
}

/* Are there others than those that were found before? */
static bool pm_kin_changed(struct pm_kin *kin, struct task_struct *task, struct pm_proc *proc)
{
	struct pm_kin *now = pm_kin_find(task, proc);
	bool changed = now && (now->n != kin->n || now->passing);
	unsigned int i;

	for (i = 1; now && !changed && i < now->n; i++)
		changed = !pm_kin_has(kin, now->asked[i].task);
	pm_kin_free(now);
	return changed;
}

/* The others have moved too, or have not after all. */
static void pm_kin_moved(struct pm_kin *kin, bool stay)
{
	struct pm_proc *proc;
	unsigned int i;

	for (i = 1; i < kin->n; i++) {
		proc = kin->asked[i].proc;
		if (!proc)
			continue;
		if (stay)
			WRITE_ONCE(proc->back, 0);
		/* it may have nothing to remember any more, and is to find out when it can */
		pm_asked_release(&kin->asked[i]);
		pm_kick_all(proc);
		if (!atomic_read(&kin->asked[i].task->signal->live))
			pm_proc_forget(proc->tgid);
	}
}

/* Under pm_proc.prep. *@waits: it is to go back, but not yet. */
static int pm_move_locked(struct pm_proc *proc, struct task_struct *task, const struct pm_way *way,
			  bool *waits, struct pm_why *why)
{
	int tries = PM_MOVE_TRIES, err = 0;
	struct pm_kin *kin;
	bool again;

	if (READ_ONCE(proc->node) == way->node && !READ_ONCE(proc->req))
		return 0;
	do {
		if (why->len)
			*why->text = '\0';
		kin = pm_kin_find(task, proc);
		if (!kin)
			return -ENOMEM;
		kin->returns = way->returns;
		*waits = way->returns && pm_kin_recalled(kin);
		err = *waits ? -EBUSY : pm_ask_kin(kin, way->node, way->back, why);
		/* a kick would make a call that waits for something begin anew */
		if (!*waits)
			pm_kin_moved(kin, !err && !way->back);
		/* there was one more when they had stopped, or one less */
		if ((err == -EOPNOTSUPP || err == -EPERM) &&
		    (kin->passing || pm_kin_changed(kin, task, proc)))
			err = -EAGAIN;
		again = err == -EAGAIN && (kin->n > 1 || kin->passing ||
					   pm_kin_changed(kin, task, proc));
		pm_kin_free(kin);
		if (again)
			msleep(20);
	} while (again && --tries);
	/* what may pass is no reason to stay */
	*waits = *waits || (way->returns && (err == -EAGAIN || err == -EBUSY));
	return err == -EAGAIN ? -EBUSY : err;
}

int pm_move_held(struct pm_proc *proc, struct task_struct *task, const struct pm_way *way,
		 struct pm_why *why)
{
	struct pm_info info;
	bool waits = false;
	int err;

	pm_proc_rehome(proc);
	err = pm_move_locked(proc, task, way, &waits, why);
	spin_lock(&proc->lock);
	/* what was refused changes nothing */
	if (!way->back && (!err || way->returns))
		proc->back = waits || (way->returns && err && proc->recalls) ? way->node : 0;
	spin_unlock(&proc->lock);
	mutex_unlock(&proc->prep);
	/* if it stayed at home it has nothing to remember: let it find out */
	pm_kick_all(proc);
	if (err && !waits) {
		pm_proc_info(proc, &info);
		pm_event_proc(PROCMIG_EV_FAILED, &info, err);
	}
	/* one that has ended meanwhile has not seen what was made for it */
	if (!atomic_read(&task->signal->live))
		pm_proc_forget(proc->tgid);
	return err;
}

/* It is its turn; that may have taken long. */
static int pm_move_turn(struct task_struct *task, const struct pm_way *way, struct pm_why *why)
{
	struct task_struct *live = pm_live_thread(task);
	struct pm_proc *proc = pid_alive(live) ? pm_proc_of(live) : NULL;
	int err = -EBUSY;

	if (!proc)
		err = pid_alive(live) ? -ENOMEM : -ESRCH;
	else if (mutex_trylock(&proc->prep))
		err = pm_move_held(proc, live, way, why);
	else
		scnprintf(why->text, why->len, "another move of it is going on");
	if (proc)
		pm_proc_put(proc);
	put_task_struct(live);
	return err;
}

static int pm_move_live(struct task_struct *task, u32 node, char *text, size_t len)
{
	struct pm_way way = { .node = node == PM_NODE_HOME ? pm_self_id() : node };
	struct pm_why why = { text, len };
	struct pm_turn turn;
	int err;

	if (len)
		*text = '\0';
	if (!pm_self_id()) {
		scnprintf(text, len, "this node has no id yet (procmig self ID)");
		return -EHOSTUNREACH;
	}
	if (node > PM_NODE_MAX)
		return -EINVAL;
	if (task->flags & PF_KTHREAD)
		return -EOPNOTSUPP;
	if (!pid_alive(task))
		return -ESRCH;
	if (!pm_may_move(task)) {
		scnprintf(text, len, "only its owner and CAP_SYS_ADMIN may move it");
		return -EPERM;
	}
	if (same_thread_group(task, current))
		return pm_move_self(way.node, &why);
	err = pm_turn_take(&turn, task_tgid(task), way.node);
	if (err)
		return err;
	err = pm_move_turn(task, &way, &why);
	pm_turn_end(&turn);
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
	struct pm_way way = {};
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
		pm_proc_rehome(proc);
		way.node = proc->home;
		err = pm_move_held(proc, task, &way, &why);
		/* it may be on its way to some place, or here */
		if (err != -EBUSY || time_after(jiffies, end) || fatal_signal_pending(current))
			break;
		schedule_timeout_killable(HZ / 50);
	}
	put_task_struct(task);
	return err;
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
	info->home = pm_self_id();
	info->node = info->home;
	info->state = PM_AT_HOME;
	pm_task_memory(task, &info->memory);
	pm_policy_get(task_tgid(task), &info->policy);
	get_task_comm(info->comm, task->group_leader);
}
