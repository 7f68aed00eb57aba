// SPDX-License-Identifier: GPL-2.0
/*
 * Which processors a thread may use. What the program sets and is told is home's; where it runs,
 * the processors of the same numbers are meant, as far as there are any: otherwise it may use all.
 *
 * A program that keeps something for each processor has room for as many as home has, and learns
 * without a call on which one it runs. So it gets no other numbers, unless home's administrator
 * says that it may: for nodes that are larger than home.
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "proc.h"

static bool pm_more_cpus;
module_param_named(more_cpus, pm_more_cpus, bool, 0644);
MODULE_PARM_DESC(more_cpus, "programs may use processors of other nodes with numbers that this one has not");

/**
 * pm_affinity_get() - as home means it
 * @thread: current's, of either role
 * @cpus: where to, PM_AFFINITY_WORDS
 */
void pm_affinity_get(struct pm_thread *thread, __le64 *cpus)
{
	unsigned int cpu;

	if (thread->proc->role == PM_SURROGATE) {
		memcpy(cpus, thread->cpus, sizeof(thread->cpus));
		return;
	}
	memset(cpus, 0, sizeof(thread->cpus));
	for_each_cpu(cpu, current->cpus_ptr)
		if (cpu < PM_AFFINITY_WORDS * 64)
			cpus[cpu / 64] |= cpu_to_le64(BIT_ULL(cpu % 64));
	if (pm_more_cpus && cpumask_subset(cpu_possible_mask, current->cpus_ptr))
		memset(cpus, 0xff, sizeof(thread->cpus));
}

/**
 * pm_affinity_set() - let a thread run where it is meant to
 * @thread: its
 * @task: the task, which may be another than current
 * @cpus: see pm_affinity_get()
 *
 * Context: may sleep. Without memory it may use all processors.
 */
void pm_affinity_set(struct pm_thread *thread, struct task_struct *task, const __le64 *cpus)
{
	cpumask_var_t mask;
	unsigned int cpu;

	memmove(thread->cpus, cpus, sizeof(thread->cpus));
	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return;
	for_each_cpu(cpu, cpu_possible_mask)
		if (cpu < PM_AFFINITY_WORDS * 64 &&
		    le64_to_cpu(cpus[cpu / 64]) & BIT_ULL(cpu % 64))
			cpumask_set_cpu(cpu, mask);
	set_cpus_allowed_ptr(task, cpumask_intersects(mask, cpu_active_mask) ? mask :
			     cpu_possible_mask);
	free_cpumask_var(mask);
}

/**
 * pm_affinity_changed() - sched_setaffinity() has succeeded at home
 * @thread: current's, of a surrogate
 * @args: of the call
 *
 * Context: may sleep.
 */
void pm_affinity_changed(struct pm_thread *thread, const unsigned long *args)
{
	size_t len = min_t(size_t, args[1], sizeof(thread->cpus));
	__le64 cpus[PM_AFFINITY_WORDS] = {};
	struct pm_thread *other;

	if (copy_from_user(cpus, (void __user *)args[2], len))
		return;
	other = pm_thread_by_tid(thread->proc, (u32)args[0] ?: thread->tid);
	if (!other)
		return;
	if (other->task)
		pm_affinity_set(other, other->task, cpus);
	pm_thread_put(other);
}
