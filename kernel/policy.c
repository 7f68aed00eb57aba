// SPDX-License-Identifier: GPL-2.0
/*
 * Placement policies: where a process goes by itself when it starts another program.
 *
 * A policy belongs to a process, and its children inherit it, across exec too. Only processes
 * that have one are in the table: the others pay for a look at its counter when they fork, exec
 * or end. What a policy says is done at exec (exec.c), when there is nothing to ship yet.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "link.h"
#include "policy.h"
#include "proc.h"

#define PM_POLICY_BITS	8

/**
 * struct pm_policied - a process that has a policy
 * @hash: in pm_policies
 * @tgid: the process, counted reference
 * @policy: what it is
 */
struct pm_policied {
	struct hlist_node hash;
	struct pid *tgid;
	struct pm_policy policy;
};

/* Protects the table; taken in process context only, nothing sleeps or nests under it. */
static DEFINE_SPINLOCK(pm_policy_lock);
static struct hlist_head pm_policies[1 << PM_POLICY_BITS];
/* how many are in it, to be looked at without the lock */
static unsigned int pm_policy_count;

static struct hlist_head *pm_policy_bucket(struct pid *tgid)
{
	return &pm_policies[hash_ptr(tgid, PM_POLICY_BITS)];
}

static struct pm_policied *__pm_policy_find(struct pid *tgid)
{
	struct pm_policied *pos;

	lockdep_assert_held(&pm_policy_lock);
	hlist_for_each_entry(pos, pm_policy_bucket(tgid), hash)
		if (pos->tgid == tgid)
			return pos;
	return NULL;
}

static void pm_policied_free(struct pm_policied *policied)
{
	put_pid(policied->tgid);
	kfree(policied);
}

void pm_policy_get(struct pid *tgid, struct pm_policy *policy)
{
	const struct pm_policied *found;

	*policy = (struct pm_policy){};
	if (!READ_ONCE(pm_policy_count))
		return;
	spin_lock(&pm_policy_lock);
	found = __pm_policy_find(tgid);
	if (found)
		*policy = found->policy;
	spin_unlock(&pm_policy_lock);
}

/* Give it a policy, with memory of @gfp. Return: 0 or -ENOMEM. */
static int pm_policy_store(struct pid *tgid, const struct pm_policy *policy, gfp_t gfp)
{
	struct pm_policied *fresh = kmalloc(sizeof(*fresh), gfp | __GFP_ACCOUNT), *old;

	if (!fresh)
		return -ENOMEM;
	fresh->tgid = get_pid(tgid);
	fresh->policy = *policy;
	spin_lock(&pm_policy_lock);
	old = __pm_policy_find(tgid);
	if (old) {
		old->policy = *policy;
	} else {
		hlist_add_head(&fresh->hash, pm_policy_bucket(tgid));
		WRITE_ONCE(pm_policy_count, pm_policy_count + 1);
	}
	spin_unlock(&pm_policy_lock);
	if (old)
		pm_policied_free(fresh);
	return 0;
}

void pm_policy_forget(struct pid *tgid)
{
	struct pm_policied *found;

	if (!READ_ONCE(pm_policy_count))
		return;
	spin_lock(&pm_policy_lock);
	found = __pm_policy_find(tgid);
	if (found) {
		hlist_del(&found->hash);
		WRITE_ONCE(pm_policy_count, pm_policy_count - 1);
	}
	spin_unlock(&pm_policy_lock);
	if (found)
		pm_policied_free(found);
}

void pm_policy_forked(struct task_struct *child)
{
	struct pm_policy policy;

	if (same_thread_group(child, current))
		return;
	pm_policy_get(task_tgid(current), &policy);
	if (policy.kind != PROCMIG_POLICY_NONE &&
	    pm_policy_store(task_tgid(child), &policy, GFP_ATOMIC))
		pr_warn_ratelimited("no memory: process %d has not the policy of its parent\n",
				    task_pid_nr(child));
}

/* May the process go to @node, as far as can be said now? Return: 0 or as pm_move(). */
static int pm_policy_check(struct task_struct *task, u32 node)
{
	struct pm_machine *machine;
	int err;

	if (node == pm_self_id())
		return 0;
	machine = kzalloc(sizeof(*machine), GFP_KERNEL);
	if (!machine)
		return -ENOMEM;
	err = pm_check_machine(pm_machine_self()->cpu, node, task_tgid_nr(task), machine, NULL, 0);
	err = err ?: pm_check_return(node, machine, NULL, 0);
	kfree(machine);
	return err;
}

int pm_policy_set(struct task_struct *task, const struct pm_policy *wanted)
{
	struct pid *tgid = task_tgid(task);
	struct pm_policy policy = *wanted;
	struct task_struct *live;
	struct pm_proc *guest;
	bool may;
	int err;

	live = pm_live_thread(task);
	may = pm_may_move(live);
	put_task_struct(live);
	if (!may)
		return -EPERM;
	guest = pm_proc_find(PM_SURROGATE, tgid);
	if (guest) {
		pm_proc_put(guest);
		return -EOPNOTSUPP;
	}
	if (policy.kind == PROCMIG_POLICY_NONE) {
		pm_policy_forget(tgid);
		return 0;
	}
	if (!pm_self_id())
		return -EHOSTUNREACH;
	/* this node may get another id: as long as it is here it is "stay" */
	if (policy.kind == PROCMIG_POLICY_NODE &&
	    (policy.node == PM_NODE_HOME || policy.node == pm_self_id()))
		policy.kind = PROCMIG_POLICY_STAY;
	if (policy.kind != PROCMIG_POLICY_NODE)
		policy.node = 0;
	err = policy.node ? pm_policy_check(task, policy.node) : 0;
	err = err ?: pm_policy_store(tgid, &policy, GFP_KERNEL);
	/* one that has ended meanwhile has not seen it */
	if (!err && !atomic_read(&task->signal->live)) {
		pm_policy_forget(tgid);
		return -ESRCH;
	}
	return err;
}

/* Where the parent of current is, or would be if it started a program. */
static u32 pm_policy_of_parent(void)
{
	u32 node = pm_self_id();
	struct pm_policy policy;
	struct pm_proc *proc;
	struct pid *tgid;

	rcu_read_lock();
	tgid = get_pid(task_tgid(rcu_dereference(current->real_parent)));
	rcu_read_unlock();
	pm_policy_get(tgid, &policy);
	proc = pm_proc_find(PM_DEPUTY, tgid);
	if (policy.kind == PROCMIG_POLICY_NODE)
		node = policy.node;
	else if (policy.kind != PROCMIG_POLICY_STAY && proc)
		node = pm_proc_place(proc);
	if (proc)
		pm_proc_put(proc);
	put_pid(tgid);
	return node;
}

u32 pm_policy_place(u32 otherwise)
{
	struct pm_policy policy;

	pm_policy_get(task_tgid(current), &policy);
	switch (policy.kind) {
	case PROCMIG_POLICY_STAY:
		return pm_self_id();
	case PROCMIG_POLICY_NODE:
		return policy.node;
	case PROCMIG_POLICY_FOLLOW:
		return pm_policy_of_parent();
	default:
		return otherwise;
	}
}

void pm_policy_exit(void)
{
	struct pm_policied *pos;
	struct hlist_node *next;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pm_policies); i++)
		hlist_for_each_entry_safe(pos, next, &pm_policies[i], hash)
			pm_policied_free(pos);
}
