// SPDX-License-Identifier: GPL-2.0
/*
 * How a thread is scheduled: nice value, policy, the processors that it may use. What the program
 * and others set and are told is home's. Where the program runs it is followed: the deputy tells
 * what has changed with its answers, which come once a second to a program that makes no calls.
 *
 * Real-time policies are a right to stop everything else on a machine, and home can give no such
 * right on another one: there the program runs by its nice value.
 *
 * Of the processors those of the same numbers are meant, as far as there are any and the cpuset
 * there has them: otherwise it may use all of that. A program that keeps something for each
 * processor has room for as many as home has, and learns without a call on which one it runs. So
 * it gets no other numbers, unless home's administrator says that it may: for nodes that are
 * larger than home.
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <uapi/linux/sched/types.h>
#include <asm/unistd.h>
#include "compat.h"
#include "proc.h"

static bool pm_more_cpus;
module_param_named(more_cpus, pm_more_cpus, bool, 0644);
MODULE_PARM_DESC(more_cpus, "programs may use processors of other nodes with numbers that this one has not");

/* What has been heard is carried out in order. Nothing of ours nests in it but pm_proc.lock. */
static DEFINE_MUTEX(pm_sched_mutex);

static u32 pm_sched_policy(u32 policy)
{
	return policy == SCHED_BATCH || policy == SCHED_IDLE ? policy : SCHED_NORMAL;
}

/* What home says of @task, one of its own. */
static void pm_sched_read(struct task_struct *task, struct pm_sched *sched)
{
	const struct cpumask *cpus = &task->cpus_mask;
	unsigned int i;

	memset(sched, 0, sizeof(*sched));
	sched->nice = cpu_to_le32(task_nice(task));
	sched->policy = cpu_to_le32(pm_sched_policy(READ_ONCE(task->policy)));
	for (i = 0; i < min_t(unsigned int, PM_AFFINITY_WORDS, BITS_TO_LONGS(nr_cpu_ids)); i++)
		sched->cpus[i] = cpu_to_le64(READ_ONCE(cpumask_bits(cpus)[i]));
	if (pm_more_cpus && cpumask_subset(cpu_possible_mask, cpus))
		memset(sched->cpus, 0xff, sizeof(sched->cpus));
}

/**
 * pm_sched_get() - for an image
 * @thread: current's, of either role
 * @sched: where to
 */
void pm_sched_get(struct pm_thread *thread, struct pm_sched *sched)
{
	struct pm_proc *proc = thread->proc;

	spin_lock(&proc->lock);
	if (proc->role == PM_DEPUTY)
		pm_sched_read(current, sched);
	else
		*sched = thread->sched;
	spin_unlock(&proc->lock);
}

static bool pm_sched_may(const __le64 *cpus, unsigned int cpu)
{
	return cpu < PM_AFFINITY_WORDS * 64 && le64_to_cpu(cpus[cpu / 64]) & BIT_ULL(cpu % 64);
}

/* Of @mask leave those that are meant by @cpus, if any of these is there. */
static void pm_sched_narrow(struct cpumask *mask, const __le64 *cpus)
{
	unsigned int cpu, n = 0;

	for_each_cpu_and(cpu, mask, cpu_active_mask)
		n += pm_sched_may(cpus, cpu);
	for_each_cpu(cpu, mask)
		if (n && !pm_sched_may(cpus, cpu))
			cpumask_clear_cpu(cpu, mask);
}

/**
 * pm_sched_set() - schedule a thread as home says
 * @thread: of a surrogate, which may be another than current's
 * @sched: from the peer, any values
 *
 * Context: may sleep. Without memory it may use the processors that it might before.
 */
void pm_sched_set(struct pm_thread *thread, const struct pm_sched *sched)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = pm_sched_policy(le32_to_cpu(sched->policy)),
		.sched_nice = clamp_t(int, le32_to_cpu(sched->nice), MIN_NICE, MAX_NICE),
	};
	cpumask_var_t mask;

	spin_lock(&thread->proc->lock);
	thread->sched = *sched;
	spin_unlock(&thread->proc->lock);
	sched_setattr_nocheck(thread->task, &attr);
	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return;
	pm_cpuset_cpus_allowed(thread->task, mask);
	pm_sched_narrow(mask, sched->cpus);
	set_cpus_allowed_ptr(thread->task, mask);
	free_cpumask_var(mask);
}

/*
 * Tell on the channel of @thread, current's, what has changed of @of, a deputy of its process.
 * What is told of another may be in vain, when its other half does not exist yet: it tells of
 * itself again.
 */
static int pm_sched_tell_of(struct pm_thread *thread, struct pm_thread *of)
{
	struct pm_sched_told told = { .tid = cpu_to_le32(of->tid) };
	struct pm_proc *proc = thread->proc;
	bool changed;
	u32 seq;

	spin_lock(&proc->lock);
	pm_sched_read(of->task, &told.sched);
	changed = memcmp(&told.sched, &of->sched, sizeof(of->sched));
	if (of == thread)
		of->sched = told.sched;
	of->sched_seq += changed;
	seq = of->sched_seq;
	spin_unlock(&proc->lock);
	return changed ? pm_chan_send(thread->chan, PM_MSG_SCHED, seq, &told, sizeof(told),
				      NULL, 0) : 0;
}

/**
 * pm_sched_tell() - tell the surrogate how it is scheduled, if that has changed, whoever did it
 * @thread: current's, deputy
 *
 * Context: current, may sleep. Return: 0 or -EPIPE.
 */
int pm_sched_tell(struct pm_thread *thread)
{
	return pm_sched_tell_of(thread, thread);
}

/* Does the call concern other threads? *@tid: which; 0: several, perhaps. */
static bool pm_sched_target(unsigned int nr, const u64 *args, u32 *tid)
{
	switch (nr) {
	case __NR_setpriority:
		*tid = args[0] == PRIO_PROCESS ? args[1] : 0;
		return args[0] != PRIO_PROCESS || args[1];
	case __NR_sched_setparam:
	case __NR_sched_setscheduler:
	case __NR_sched_setattr:
	case __NR_sched_setaffinity:
		*tid = args[0];
		return args[0];
	default:
		return false;
	}
}

/**
 * pm_sched_called() - a call has been made here for the program that may have set this for others
 * @thread: current's, deputy
 * @nr: of the call
 * @args: its arguments
 *
 * Other threads are told of at once, since the caller may look at what they do then.
 * Context: current, may sleep. Return: 0 or -EPIPE.
 */
int pm_sched_called(struct pm_thread *thread, unsigned int nr, const u64 *args)
{
	struct pm_thread *pos = NULL;
	int err = 0;
	u32 tid;

	if (!pm_sched_target(nr, args, &tid))
		return 0;
	while (!err && (pos = pm_thread_next(thread->proc, pos)))
		if (pos != thread && (!tid || READ_ONCE(pos->tid) == tid))
			err = pm_sched_tell_of(thread, pos);
	if (pos)
		pm_thread_put(pos);
	return err;
}

/**
 * pm_sched_hear() - the deputy of current has told how a thread of its process is scheduled
 * @proc: the process, surrogate
 * @buf: the message, not checked yet
 *
 * Context: current, may sleep. Return: 0 or -EPROTO.
 */
int pm_sched_hear(struct pm_proc *proc, const struct pm_buf *buf)
{
	const struct pm_sched_told *told = (const void *)buf->data;
	struct pm_thread *thread;
	bool newer;

	if (buf->len != sizeof(*told))
		return -EPROTO;
	thread = pm_thread_by_tid(proc, le32_to_cpu(told->tid));
	if (!thread)
		return 0;
	/* another thread's channel may be faster */
	mutex_lock(&pm_sched_mutex);
	newer = (s32)(buf->seq - thread->sched_seq) > 0;
	if (newer) {
		thread->sched_seq = buf->seq;
		pm_sched_set(thread, &told->sched);
	}
	mutex_unlock(&pm_sched_mutex);
	pm_thread_put(thread);
	return 0;
}
