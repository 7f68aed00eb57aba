// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that the module knows: deputies and surrogates, and threads of processes that are home
 * and not settled. From the moment that a task is one it is found by its task, and kicked to its
 * boundary; when it exits a worker cleans up, who may sleep.
 */
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "calls.h"
#include "compat.h"
#include "fault.h"
#include "link.h"
#include "policy.h"
#include "proc.h"

#define PM_THREAD_BITS	10

/* Protects the table; lookups are under RCU. Taken in process context only. */
static DEFINE_SPINLOCK(pm_threads_lock);
static struct hlist_head pm_threads[1 << PM_THREAD_BITS];
static struct kmem_cache *pm_thread_cache;
/* drops what a dying task leaves, which may sleep */
static struct workqueue_struct *pm_reaper;

static void pm_thread_reap(struct work_struct *work)
{
	struct pm_thread *thread = container_of(work, struct pm_thread, reap);

	struct pm_proc *proc = pm_proc_get(thread->proc);

	/* if it died in the middle of a move */
	if (!atomic_read(&thread->task->signal->live))
		pm_req_finish(proc, -ESRCH, "the process has ended");
	/* if it died at its boundary, that has not come to its end */
	if (test_and_clear_bit(PM_T_INSIDE, &thread->flags))
		pm_thread_put(thread);
	pm_thread_detach(thread);
	/* a parent that waits in vfork() goes on */
	if (list_empty_careful(&proc->threads))
		pm_parent_drop(proc);
	pm_proc_wake(proc);
	pm_proc_put(proc);
}

bool pm_work_last(struct callback_head *work)
{
	return !work->next || current->flags & PF_EXITING ||
	       task_work_add(current, work, TWA_RESUME);
}

/* How long to let a program go on that is where it can't be stopped; longer each time. */
#define PM_SOON		(100 * NSEC_PER_USEC)
#define PM_SOON_DOUBLED	5

/*
 * Is it about to tell the time? It has read some of what it needs, and the rest would be another
 * node's, or not there: its data are in other pages for a program in a time namespace, which all
 * have but those that are home. So nothing comes in between; it takes less than a microsecond.
 */
static bool pm_thread_in_vdso(const struct pm_thread *thread)
{
	const struct pt_regs *regs = current_pt_regs();
	unsigned long base = (unsigned long)current->mm->context.vdso;
	size_t len;

	/* a call that it makes is over with its result; a deputy's frame is no program's */
	if (regs->orig_ax != (unsigned long)-1 || test_bit(PM_T_LOOP, &thread->flags) ||
	    test_bit(PM_T_BORN, &thread->flags) || test_bit(PM_T_FATAL, &thread->flags) ||
	    pm_must_wait(thread) || fatal_signal_pending(current))
		return false;
	pm_vdso_text(&len);
	return base && regs->ip >= base && regs->ip < base + len;
}

static enum hrtimer_restart pm_thread_soon(struct hrtimer *timer)
{
	struct pm_thread *thread = container_of(timer, struct pm_thread, soon);

	clear_bit(PM_T_SOON, &thread->flags);
	pm_thread_kick(thread);
	pm_thread_put(thread);
	return HRTIMER_NORESTART;
}

static void pm_thread_kick_soon(struct pm_thread *thread)
{
	if (test_and_set_bit(PM_T_SOON, &thread->flags))
		return;
	kref_get(&thread->ref);
	hrtimer_start(&thread->soon, PM_SOON << thread->put_off, HRTIMER_MODE_REL_SOFT);
	if (thread->put_off < PM_SOON_DOUBLED)
		thread->put_off++;
}

static void pm_thread_kicked(struct callback_head *work)
{
	struct pm_thread *thread = container_of(work, struct pm_thread, kick);
	bool gone = current->flags & PF_EXITING || pm_thread_current() != thread;

	if (!pm_work_last(work))
		return;
	clear_bit(PM_T_KICKED, &thread->flags);
	if (!gone && pm_thread_in_vdso(thread)) {
		pm_thread_kick_soon(thread);
		gone = true;
	} else {
		thread->put_off = 0;
	}
	/* the handler need not return: the process may end there. The task's reference holds. */
	pm_thread_put(thread);
	if (gone)
		return;
	if (test_and_clear_bit(PM_T_BORN, &thread->flags)) {
		if (thread->proc->role == PM_SURROGATE)
			pm_surrogate_born(thread);
		else
			pm_deputy_born(thread);
	} else if (thread->proc->role == PM_SURROGATE) {
		pm_surrogate_boundary(thread);
	} else {
		pm_deputy_boundary(thread);
	}
}

void pm_thread_kick(struct pm_thread *thread)
{
	if (test_and_set_bit(PM_T_KICKED, &thread->flags))
		return;
	kref_get(&thread->ref);
	if (task_work_add(thread->task, &thread->kick, TWA_SIGNAL)) {
		clear_bit(PM_T_KICKED, &thread->flags);
		pm_thread_put(thread);
	}
}

struct pm_thread *pm_thread_new(struct pm_proc *proc, struct task_struct *task, u32 tid)
{
	struct pm_thread *thread;

	if (pm_fault(PM_FAULT_ALLOC_THREAD))
		return NULL;
	if (!try_module_get(THIS_MODULE))
		return NULL;
	thread = kmem_cache_zalloc(pm_thread_cache, GFP_KERNEL_ACCOUNT);
	if (!thread) {
		module_put(THIS_MODULE);
		return NULL;
	}
	kref_init(&thread->ref);
	INIT_HLIST_NODE(&thread->hash);
	INIT_LIST_HEAD(&thread->entry);
	INIT_LIST_HEAD(&thread->closed);
	INIT_WORK(&thread->reap, pm_thread_reap);
	init_task_work(&thread->kick, pm_thread_kicked);
	hrtimer_init(&thread->soon, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	thread->soon.function = pm_thread_soon;
	thread->task = task ? get_task_struct(task) : NULL;
	thread->proc = pm_proc_get(proc);
	thread->tid = tid;
	thread->restart_nr = -1;
	return thread;
}

static void pm_thread_free_rcu(struct rcu_head *rcu)
{
	struct pm_thread *thread = container_of(rcu, struct pm_thread, rcu);

	pm_enc_free(&thread->image);
	pm_closed_free(thread);
	kmem_cache_free(pm_thread_cache, thread);
}

static void pm_thread_release(struct kref *ref)
{
	struct pm_thread *thread = container_of(ref, struct pm_thread, ref);

	if (thread->task)
		put_task_struct(thread->task);
	call_rcu(&thread->rcu, pm_thread_free_rcu);
	module_put(THIS_MODULE);
}

void pm_thread_put(struct pm_thread *thread)
{
	kref_put(&thread->ref, pm_thread_release);
}

void pm_thread_detach(struct pm_thread *thread)
{
	struct pm_chan *chan = thread->chan;
	struct pm_proc *proc = thread->proc;

	pm_buf_free(thread->held);
	kvfree(thread->out);
	pm_thread_unhash(thread);
	if (chan) {
		pm_chan_set_kick(chan, NULL, NULL);
		pm_chan_kill(chan);
		thread->chan = NULL;
		pm_chan_put(chan);
	}
	if (thread->next)
		pm_chan_drop(thread->next);
	if (thread->cred)
		abort_creds(thread->cred);
	if (thread->newborn)
		pm_thread_detach(thread->newborn);
	if (thread->forked) {
		if (proc->role == PM_DEPUTY)
			pm_birth_orphan(thread->forked);
		else
			pm_birth_to(thread->forked, PM_BIRTH_BEGUN, PM_BIRTH_FAILED);
		pm_proc_put(thread->forked);
	}
	pm_proc_put(proc);
	pm_thread_put(thread);
}

/* The task is exiting: the reaper does the rest. */
static void pm_thread_end(struct pm_thread *thread)
{
	if (!test_and_set_bit(PM_T_ENDED, &thread->flags))
		queue_work(pm_reaper, &thread->reap);
}

void pm_thread_hash(struct pm_thread *thread)
{
	/* as soon as it can be found its end may be, too */
	kref_get(&thread->ref);
	spin_lock(&thread->proc->lock);
	thread->serial = ++thread->proc->serial;
	list_add_tail(&thread->entry, &thread->proc->threads);
	spin_unlock(&thread->proc->lock);
	spin_lock(&pm_threads_lock);
	hlist_add_head_rcu(&thread->hash, &pm_threads[hash_ptr(thread->task, PM_THREAD_BITS)]);
	spin_unlock(&pm_threads_lock);
	/* an exit sets PF_EXITING before it looks for its thread */
	smp_mb();
	if (READ_ONCE(thread->task->flags) & PF_EXITING)
		pm_thread_end(thread);
	pm_thread_put(thread);
}

void pm_thread_unhash(struct pm_thread *thread)
{
	spin_lock(&pm_threads_lock);
	hlist_del_init_rcu(&thread->hash);
	spin_unlock(&pm_threads_lock);
	spin_lock(&thread->proc->lock);
	list_del_init(&thread->entry);
	pm_team_leave(thread);
	if (test_and_clear_bit(PM_T_RECALL, &thread->flags) ||
	    test_and_clear_bit(PM_T_RECALLED, &thread->flags))
		thread->proc->recalls--;
	spin_unlock(&thread->proc->lock);
}

int pm_each_guest(void (*fn)(struct pm_thread *thread, const void *arg), const void *arg)
{
	struct pm_thread *thread;
	int i, n = 0;

	spin_lock(&pm_threads_lock);
	for (i = 0; i < ARRAY_SIZE(pm_threads); i++)
		hlist_for_each_entry(thread, &pm_threads[i], hash)
			if (thread->proc->guest && thread->chan) {
				fn(thread, arg);
				n++;
			}
	spin_unlock(&pm_threads_lock);
	return n;
}

struct pm_thread *pm_thread_find(struct task_struct *task)
{
	struct pm_thread *thread, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(thread, &pm_threads[hash_ptr(task, PM_THREAD_BITS)], hash) {
		if (thread->task == task && kref_get_unless_zero(&thread->ref)) {
			found = thread;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

struct pm_thread *pm_thread_next(struct pm_proc *proc, struct pm_thread *pos)
{
	struct pm_thread *thread, *next = NULL;
	u64 serial = pos ? pos->serial : 0;

	spin_lock(&proc->lock);
	/* @pos may have left the list since, which is in the order of serial numbers */
	thread = pos && !list_empty(&pos->entry) ? pos :
		 list_entry(&proc->threads, struct pm_thread, entry);
	list_for_each_entry_continue(thread, &proc->threads, entry) {
		if (thread->serial <= serial)
			continue;
		next = thread;
		kref_get(&next->ref);
		break;
	}
	spin_unlock(&proc->lock);
	if (pos)
		pm_thread_put(pos);
	return next;
}

struct pm_thread *pm_thread_by_tid(struct pm_proc *proc, u32 tid)
{
	struct pm_thread *thread, *found = NULL;

	spin_lock(&proc->lock);
	list_for_each_entry(thread, &proc->threads, entry) {
		if (thread->tid != tid)
			continue;
		found = thread;
		kref_get(&found->ref);
		break;
	}
	spin_unlock(&proc->lock);
	return found;
}

void pm_thread_forked(struct task_struct *child)
{
	struct pm_thread *parent = pm_thread_current();
	struct pm_thread *thread = parent ? parent->newborn : NULL;

	bool process = thread && thread->proc != parent->proc;

	if (!thread || process == same_thread_group(child, current))
		return;
	parent->newborn = NULL;
	thread->task = get_task_struct(child);
	if (process)
		pm_proc_add(thread->proc, task_tgid(child));
	/* the kernel has taken it for one whose parent goes on in the same memory */
	if (thread->proc->vfork && thread->proc->role == PM_SURROGATE) {
		child->sas_ss_sp = current->sas_ss_sp;
		child->sas_ss_size = current->sas_ss_size;
		child->sas_ss_flags = current->sas_ss_flags;
	}
	if (!thread->tid)
		thread->tid = task_pid_nr(child);
	pm_thread_hash(thread);
	/* before it runs for the first time */
	set_bit(PM_T_BORN, &thread->flags);
	pm_thread_kick(thread);
}

struct pm_thread *pm_thread_current(void)
{
	struct pm_thread *thread, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(thread, &pm_threads[hash_ptr(current, PM_THREAD_BITS)], hash) {
		if (thread->task == current) {
			found = thread;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

void pm_reap(struct work_struct *work)
{
	queue_work(pm_reaper, work);
}

void pm_thread_exiting(struct task_struct *task)
{
	struct pm_thread *thread = pm_thread_current();

	if (thread)
		pm_thread_end(thread);
	if (!atomic_read(&task->signal->live)) {
		pm_proc_forget(task_tgid(task));
		pm_policy_forget(task_tgid(task));
	}
}

int pm_thread_init(void)
{
	pm_reaper = alloc_workqueue("procmig_reaper", WQ_UNBOUND, 0);
	if (!pm_reaper)
		return -ENOMEM;
	pm_thread_cache = KMEM_CACHE(pm_thread, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	if (!pm_thread_cache) {
		destroy_workqueue(pm_reaper);
		return -ENOMEM;
	}
	return 0;
}

void pm_thread_exit(void)
{
	pm_usage_exit();
	pm_policy_exit();
	destroy_workqueue(pm_reaper);
	rcu_barrier();
	kmem_cache_destroy(pm_thread_cache);
}
