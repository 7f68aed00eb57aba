// SPDX-License-Identifier: GPL-2.0
/*
 * A process, and those that can only move with it, are asked to move: everything is prepared, each
 * gets its request, and who asks waits until all are done. Context: who asks; sleeps.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "link.h"
#include "deputy.h"
#include "family.h"
#include "space.h"

/*
 * How long a process may take to pass its boundary: an uninterruptible sleep, a stop. Relatives
 * stop one after the other, if there are more of them than processors.
 */
#define PM_TAKE_TIMEOUT	HZ
#define PM_TAKE_EACH	(HZ / 8)

void pm_first_reason(void *arg, const char *text)
{
	struct pm_why *why = arg;

	if (why->len && !*why->text)
		strscpy(why->text, text, why->len);
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

void pm_kick_all(struct pm_proc *proc)
{
	struct pm_thread *thread;

	spin_lock(&proc->lock);
	list_for_each_entry(thread, &proc->threads, entry)
		pm_thread_kick(thread);
	spin_unlock(&proc->lock);
	/* one that has just started another program waits for a move */
	wake_up_all(&proc->team.wait);
}

/* It has ended, or nothing keeps it from it any more. */
static bool pm_has_ended(struct task_struct *task)
{
	return !atomic_read(&task->signal->live) ||
	       READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT;
}

/* ---- the checks ---- */

/* Get hold of the relatives of the first one, whose mutex is held. */
static int pm_ask_hold(struct pm_kin *kin, struct pm_why *why)
{
	struct pm_asked *asked;
	unsigned int i;

	if (kin->more) {
		scnprintf(why->text, why->len, "more than %d processes share memory with it",
			  PM_KIN_MAX);
		return -EOPNOTSUPP;
	}
	if (kin->passing)
		return -EAGAIN;
	for (i = 1; i < kin->n; i++) {
		asked = &kin->asked[i];
		if (same_thread_group(asked->task, current)) {
			scnprintf(why->text, why->len,
				  "it shares memory with the process that asks, which cannot wait for its own move");
			return -EBUSY;
		}
		if (!asked->proc)
			asked->proc = pid_alive(asked->task) ? pm_proc_of(asked->task) : NULL;
		if (!asked->proc)
			return -EAGAIN;
		/*
		 * Two that ask for each other's do not wait for each other. lockdep has no room for
		 * so many locks, and nothing to find in those that are only tried.
		 */
		lockdep_off();
		asked->held = mutex_trylock(&asked->proc->prep);
		lockdep_on();
		if (!asked->held) {
			scnprintf(why->text, why->len,
				  "another move of process %d is going on, which shares memory with it",
				  pid_nr(asked->proc->tgid));
			return -EBUSY;
		}
		pm_proc_rehome(asked->proc);
	}
	for (i = 0; kin->n > 1 && i < kin->n; i++) {
		kin->asked[i].summoned = true;
		WRITE_ONCE(kin->asked[i].proc->summoned, true);
	}
	return 0;
}

/*
 * May who asks move the @ith to @node? What only goes back there is for whoever has moved it first;
 * so are those that it has forked meanwhile. Return: 0, -EPERM, -ESRCH.
 */
static int pm_ask_rights(const struct pm_kin *kin, unsigned int i, u32 node, struct pm_why *why)
{
	const struct pm_asked *asked = &kin->asked[i];

	if (pm_may_move(asked->task))
		return 0;
	if (kin->returns && (READ_ONCE(asked->proc->back) == node || pm_owns(asked->task)))
		return 0;
	/* it has no memory any more by which to tell */
	if (!READ_ONCE(asked->task->mm))
		return -ESRCH;
	scnprintf(why->text, why->len, "only the owner of process %d and CAP_SYS_ADMIN may move it",
		  pid_nr(asked->proc->tgid));
	return -EPERM;
}

static int pm_ask_check(struct pm_kin *kin, unsigned int i, u32 node, struct pm_machine *machine,
			struct pm_why *why)
{
	struct task_struct *task = kin->asked[i].task;
	struct pm_proc *proc = kin->asked[i].proc;
	int err;

	if (READ_ONCE(proc->birth)) {
		scnprintf(why->text, why->len, "it is just being forked");
		return i ? -EAGAIN : -EBUSY;
	}
	/* as of one that waits at home, which does not respond */
	if (READ_ONCE(proc->vfork) || READ_ONCE(proc->vforks)) {
		pm_kin_can_move(kin, i, pm_first_reason, why);
		return -EBUSY;
	}
	/* it would be prepared in vain, and keep the process waiting */
	if (READ_ONCE(proc->coming)) {
		scnprintf(why->text, why->len, PM_WHY_COMING);
		return i ? -EAGAIN : -EBUSY;
	}
	/* one whose asker was killed may still be going on */
	if (READ_ONCE(proc->req)) {
		scnprintf(why->text, why->len, "another move of it is going on");
		return -EBUSY;
	}
	/* what is elsewhere may always come home */
	if (node == proc->home)
		return 0;
	if (pm_has_ended(task))
		return -ESRCH;
	err = pm_ask_rights(kin, i, node, why);
	if (err)
		return err;
	if (pm_kin_can_move(kin, i, pm_first_reason, why))
		return READ_ONCE(task->mm) ? -EOPNOTSUPP : -ESRCH;
	err = pm_check_machine(proc->cpu_seen, node, pid_nr(proc->tgid), machine, why->text,
			       why->len);
	/* it would choose its code there */
	if (!err && READ_ONCE(proc->fresh))
		err = pm_check_return(node, machine, why->text, why->len);
	return err;
}

/* ---- the requests ---- */

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

/* It moves with the others of @party, or (NULL) alone. */
static void pm_ask_join(struct pm_proc *proc, struct pm_req *req, struct pm_party *party)
{
	if (party) {
		pm_party_get(party);
		req->party = party;
	}
	spin_lock(&proc->lock);
	/* where it is away it may just be forking its first relative */
	if (party || proc->state != PM_AWAY)
		proc->family = party ? party->family : 0;
	WRITE_ONCE(proc->party, party ? party->id : 0);
	spin_unlock(&proc->lock);
	WRITE_ONCE(proc->mm->party, party ? party->id : 0);
	WRITE_ONCE(proc->mm->stopped, 0);
}

/* The request, and everything at the destination that it takes. */
static int pm_ask_prepare(struct pm_kin *kin, unsigned int i, u32 node, u32 back,
			  struct pm_party *party, struct pm_why *why)
{
	struct pm_asked *asked = &kin->asked[i];
	struct pm_proc *proc = asked->proc;
	int err = pm_proc_refresh_mm(proc, asked->task);

	err = err ?: pm_team_adopt(proc, asked->task);
	/* it may have become another program; from here on that would put an end to the move */
	if (!err && node != proc->home)
		err = pm_ask_rights(kin, i, node, why);
	if (err)
		return err;
	asked->req = pm_req_new(node);
	if (!asked->req)
		return -ENOMEM;
	asked->req->from = proc->node;
	asked->req->back = back;
	pm_ask_join(proc, asked->req, party);
	if (proc->state == PM_DRAINING)
		err = pm_mm_drain(proc->mm, MAX_SCHEDULE_TIMEOUT);
	if (err)
		return err;
	return node == proc->home ? pm_mm_connect(proc->mm, proc->node, pm_proc_small(proc)) :
				    pm_prepare(proc, asked->req);
}

/* Hand the request to the process. */
static int pm_ask_hand(struct pm_asked *asked, struct pm_why *why)
{
	struct pm_proc *proc = asked->proc;
	bool coming;

	spin_lock(&proc->lock);
	coming = proc->coming;
	if (!coming)
		proc->req = pm_req_get(asked->req);
	spin_unlock(&proc->lock);
	if (coming) {
		scnprintf(why->text, why->len, PM_WHY_COMING);
		return asked->req->party ? -EAGAIN : -EBUSY;
	}
	if (asked->req->from == proc->home)
		pm_wait_note(asked->task);
	return 0;
}

/* Take a request back that the process has not taken. Return: false if it has, or is done. */
static bool pm_ask_withdraw(struct pm_asked *asked)
{
	struct pm_proc *proc = asked->proc;
	struct pm_req *req = asked->req;
	bool mine;

	spin_lock(&proc->lock);
	mine = !req->taken && proc->req == req;
	if (mine)
		proc->req = NULL;
	spin_unlock(&proc->lock);
	if (!mine)
		return false;
	pm_req_put(req);
	return true;
}

/*
 * Take back what has not been taken in time, or (@err) at once. A relative that has ended instead
 * is no loss, for any other one the move does not take place.
 */
static void pm_ask_late(struct pm_kin *kin, int err, struct pm_why *why)
{
	struct pm_asked *asked;
	unsigned int i;

	for (i = 0; i < kin->n; i++) {
		asked = &kin->asked[i];
		if (!pm_ask_withdraw(asked))
			continue;
		if (i && !err && pm_has_ended(asked->task)) {
			pm_party_leave(asked->req->party);
		} else {
			asked->req->err = err ?: -EBUSY;
			if (!err && !*why->text)
				scnprintf(why->text, why->len,
					  "it does not respond: stopped, or in an uninterruptible sleep");
			if (asked->req->party)
				pm_party_fail(asked->req->party, asked->req->err);
		}
		complete_all(&asked->req->done);
	}
	if (err && kin->asked[0].req->party)
		pm_party_fail(kin->asked[0].req->party, err);
}

/* It is for who conducts a move to call the others of the process. */
static void pm_ask_kick(struct pm_kin *kin)
{
	unsigned int i;

	for (i = 0; i < kin->n; i++)
		if (!READ_ONCE(kin->asked[i].req->taken))
			pm_kick_all(kin->asked[i].proc);
}

/* All have their requests: wait until they are done. */
static int pm_ask_wait(struct pm_kin *kin, struct pm_why *why)
{
	unsigned long end = jiffies + PM_TAKE_TIMEOUT + (kin->n - 1) * PM_TAKE_EACH;
	unsigned int i = 0;
	int err = 0;
	long left;

	while (i < kin->n) {
		pm_ask_kick(kin);
		left = wait_for_completion_killable_timeout(&kin->asked[i].req->done, HZ / 20);
		if (left < 0) {
			pm_ask_late(kin, -EINTR, why);
			return -EINTR;
		}
		if (!left && time_after(jiffies, end))
			pm_ask_late(kin, 0, why);
		if (!left)
			continue;
		err = err ?: kin->asked[i].req->err;
		i++;
	}
	for (i = 0; err && i < kin->n; i++)
		pm_first_reason(why, kin->asked[i].req->why);
	return err;
}

static int pm_ask_all(struct pm_kin *kin, struct pm_why *why)
{
	unsigned int i, handed = 0;
	int err = 0;

	while (handed < kin->n && !err) {
		err = pm_ask_hand(&kin->asked[handed], why);
		handed += !err;
	}
	/* some may be on their way already, and those are waited for */
	for (i = handed; i < kin->n; i++) {
		kin->asked[i].req->err = err;
		complete_all(&kin->asked[i].req->done);
	}
	if (err)
		pm_ask_late(kin, err, why);
	return pm_ask_wait(kin, why);
}

/* What the asker is told when a move has failed with @err. */
static int pm_move_error(struct pm_asked *asked, u32 node, int err, struct pm_why *why)
{
	struct pm_proc *proc = asked->proc;

	if (pm_has_ended(asked->task)) {
		scnprintf(why->text, why->len, "the process has ended");
		return -ESRCH;
	}
	/* the memory that was to move is gone */
	if (proc->mm && !pm_mm_belongs(proc->mm, asked->task)) {
		scnprintf(why->text, why->len, PM_WHY_EXEC);
		return -EBUSY;
	}
	switch (err) {
	case -EINTR:
		if (fatal_signal_pending(current))
			return err;
		scnprintf(why->text, why->len, "a thread of it has ended meanwhile");
		return -EBUSY;
	case -E2BIG:
		scnprintf(why->text, why->len,
			  "its image is over 256 MiB: it has written too much to private mappings of files");
		return -EOPNOTSUPP;
	case -EPROTO:
	case -EPIPE:
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
		if (why->len && !*why->text)
			scnprintf(why->text, why->len,
				  "node %u failed during the move, see the logs",
				  node == proc->home ? proc->node : node);
		return -EHOSTUNREACH;
	default:
		return err;
	}
}

/* The move is over for this one. */
static void pm_ask_done(struct pm_asked *asked, u32 node, int err)
{
	struct pm_proc *proc = asked->proc;

	if (err && asked->req && node == proc->home && !asked->req->taken)
		pm_mm_sources_close(proc->mm);
	/* when who asks is killed, the move may still be going on */
	spin_lock(&proc->lock);
	if (proc->state != PM_AWAY && !proc->req) {
		proc->family = 0;
		if (proc->mm)
			WRITE_ONCE(proc->mm->party, 0);
	}
	spin_unlock(&proc->lock);
}

/* What has gone wrong with the @ith: a relative that ends, or execs, is a reason to try again. */
static int pm_relative_error(const struct pm_kin *kin, unsigned int i, int err)
{
	bool gone = err == -ESRCH || err == -EPIPE || pm_has_ended(kin->asked[i].task);

	return i && err && gone ? -EAGAIN : err;
}

/* The number of the family, if it has one yet. */
static u64 pm_kin_family(struct pm_kin *kin)
{
	struct pm_proc *proc = kin->asked[0].proc;

	return READ_ONCE(proc->state) == PM_AWAY ? READ_ONCE(proc->family) : 0;
}

static int pm_ask_held(struct pm_kin *kin, u32 node, u32 back, struct pm_machine *machine,
		       struct pm_why *why)
{
	struct pm_party *party = NULL;
	unsigned int i;
	int err = 0;

	for (i = 1; i < kin->n && !err; i++)
		err = pm_relative_error(kin, i, pm_ask_check(kin, i, node, machine, why));
	if (!err && kin->n > 1) {
		party = pm_party_new(kin->n, pm_kin_family(kin));
		err = party ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	for (i = 0; i < kin->n && !err; i++) {
		err = pm_ask_prepare(kin, i, node, back, party, why);
		err = pm_relative_error(kin, i, err);
		if (!err)
			memcpy(kin->asked[i].req->cpu, machine->cpu, sizeof(machine->cpu));
	}
	err = err ?: pm_ask_all(kin, why);
	for (i = 0; i < kin->n; i++)
		pm_ask_done(&kin->asked[i], node, err);
	pm_party_put(party);
	return err ? pm_move_error(&kin->asked[0], node, err, why) : 0;
}

int pm_ask_kin(struct pm_kin *kin, u32 node, u32 back, struct pm_why *why)
{
	struct pm_machine *machine = kzalloc(sizeof(*machine), GFP_KERNEL);
	int err = machine ? pm_ask_check(kin, 0, node, machine, why) : -ENOMEM;

	err = err ?: pm_ask_hold(kin, why);
	err = err ?: pm_ask_held(kin, node, back, machine, why);
	kfree(machine);
	return err;
}
