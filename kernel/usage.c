// SPDX-License-Identifier: GPL-2.0
/*
 * CPU time and faults of the remote half, added to the deputy's, so that wait4(), times() and ps
 * see them, and so that timers and limits of CPU time, which stay at home, expire.
 *
 * They come with each call. A program that computes without calls is made to tell once a second.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include "calls.h"
#include "compat.h"

#define PM_USAGE_PERIOD	HZ
/* CPU time that is worth a message; and so much is worth to interrupt a sleep as well. */
#define PM_USAGE_SOME	(50 * NSEC_PER_MSEC)
#define PM_USAGE_MUCH	NSEC_PER_SEC

static void pm_usage_worker(struct work_struct *work);
static DECLARE_DELAYED_WORK(pm_usage_work, pm_usage_worker);

/* Most signals are blocked for the few instructions of a critical section. */
#define PM_MASKS_DELAY	(HZ / 100)

static void pm_masks_worker(struct work_struct *work);
static DECLARE_DELAYED_WORK(pm_masks_work, pm_masks_worker);

/** pm_usage_read() - what current has used on this node */
void pm_usage_read(struct pm_usage *usage)
{
	struct mm_struct *mm = current->mm;
	struct pm_memory memory = {};
	u64 utime, stime;
	int i;

	if (mm)
		pm_mm_memory(mm, &memory);
	task_cputime_adjusted(current, &utime, &stime);
	usage->utime = cpu_to_le64(utime);
	usage->stime = cpu_to_le64(stime);
	usage->min_flt = cpu_to_le64(current->min_flt);
	usage->maj_flt = cpu_to_le64(current->maj_flt);
	usage->maxrss = cpu_to_le64(mm ? get_mm_hiwater_rss(mm) : 0);
	for (i = 0; i < PM_MEM_KINDS; i++)
		usage->memory[i] = cpu_to_le64(memory.pages[i]);
	usage->asleep = 0;
}

/* From *@old to @to, which becomes the old one; a peer that counts down adds nothing. */
static u64 pm_usage_growth(__le64 *old, u64 to)
{
	u64 from = le64_to_cpu(*old);

	*old = cpu_to_le64(to);
	return to > from ? to - from : 0;
}

/**
 * pm_usage_add() - account to current what its surrogate has used
 * @thread: current's, deputy
 * @now: totals since the surrogate arrived on its node
 *
 * Context: current, which runs its task works afterwards: timers may have expired. Interrupts
 * are off for the sums that the scheduler updates too.
 */
void pm_usage_add(struct pm_thread *thread, const struct pm_usage *now)
{
	/* no thread has used more than the time that has passed, whatever its peer says */
	u64 most = ktime_get_ns() - thread->since;
	u64 utime = pm_usage_growth(&thread->usage.utime, min(le64_to_cpu(now->utime), most));
	u64 stime = pm_usage_growth(&thread->usage.stime, min(le64_to_cpu(now->stime), most));
	int i;

	local_irq_disable();
	current->utime += utime;
	current->stime += stime;
	current->se.sum_exec_runtime += utime + stime;
	/* with a CPU timer running, the clocks of the process are these sums */
	account_group_user_time(current, utime);
	account_group_system_time(current, stime);
	account_group_exec_runtime(current, utime + stime);
	pm_check_cpu_timers();
	local_irq_enable();
	current->min_flt += pm_usage_growth(&thread->usage.min_flt, le64_to_cpu(now->min_flt));
	current->maj_flt += pm_usage_growth(&thread->usage.maj_flt, le64_to_cpu(now->maj_flt));
	if (current->signal->maxrss < le64_to_cpu(now->maxrss))
		current->signal->maxrss = le64_to_cpu(now->maxrss);
	WRITE_ONCE(thread->asleep, !!now->asleep);
	spin_lock(&thread->proc->lock);
	thread->proc->utime += utime;
	thread->proc->stime += stime;
	for (i = 0; i < PM_MEM_KINDS; i++)
		thread->proc->memory.pages[i] = le64_to_cpu(now->memory[i]);
	spin_unlock(&thread->proc->lock);
}

/**
 * pm_usage_tell() - tell home what current has used here
 * @thread: current's, surrogate
 *
 * Context: current. Return: 0 or -EPIPE.
 */
int pm_usage_tell(struct pm_thread *thread)
{
	struct pm_usage usage;

	pm_usage_read(&usage);
	usage.asleep = cpu_to_le64(test_bit(PM_T_ASLEEP, &thread->flags));
	WRITE_ONCE(thread->told, current->se.sum_exec_runtime);
	return pm_surrogate_send(thread, PM_MSG_USAGE, 0, &usage, sizeof(usage), NULL, 0);
}

/*
 * Is there something that home does not know: CPU time, or that it has slept since the last look in
 * a call of this node? Once asleep it is left alone, since telling interrupts the call.
 */
static bool pm_usage_news(struct pm_thread *thread)
{
	u64 now = READ_ONCE(thread->task->se.sum_exec_runtime);
	u64 grown = now - READ_ONCE(thread->told);
	bool runs = task_is_running(thread->task);
	bool still = now && thread->looked == now && !runs;

	thread->looked = now;
	if (grown >= PM_USAGE_MUCH || (grown >= PM_USAGE_SOME && runs)) {
		clear_bit(PM_T_ASLEEP, &thread->flags);
		return true;
	}
	return still && !test_and_set_bit(PM_T_ASLEEP, &thread->flags);
}

/* Spinlocks are held. */
static void pm_usage_due(struct pm_thread *thread, const void *unused)
{
	if (test_bit(PM_T_CALLING, &thread->flags) || test_bit(PM_T_FREEZE, &thread->flags) ||
	    pm_must_wait(thread) || !pm_usage_news(thread))
		return;
	set_bit(PM_T_USAGE, &thread->flags);
	pm_thread_kick(thread);
}

static void pm_usage_worker(struct work_struct *work)
{
	if (pm_each_guest(pm_usage_due, NULL))
		pm_usage_watch();
}

/**
 * pm_usage_watch() - there are guests: look at their CPU time from time to time
 *
 * Context: any.
 */
void pm_usage_watch(void)
{
	schedule_delayed_work(&pm_usage_work, PM_USAGE_PERIOD);
}

/* Has it blocked a signal of which home does not know, and goes on computing? */
static void pm_mask_due(struct pm_thread *thread, const void *unused)
{
	if (!test_bit(PM_T_CALLING, &thread->flags) &&
	    READ_ONCE(thread->task->blocked.sig[0]) & ~READ_ONCE(thread->home_mask))
		pm_thread_kick(thread);
}

static void pm_masks_worker(struct work_struct *work)
{
	pm_each_guest(pm_mask_due, NULL);
}

/**
 * pm_masks_watch() - a guest has blocked a signal: have it tell home if that lasts
 *
 * Context: any.
 */
void pm_masks_watch(void)
{
	schedule_delayed_work(&pm_masks_work, PM_MASKS_DELAY);
}

/** pm_usage_exit() - no guest is left. Context: may sleep. */
void pm_usage_exit(void)
{
	cancel_delayed_work_sync(&pm_masks_work);
	cancel_delayed_work_sync(&pm_usage_work);
}
