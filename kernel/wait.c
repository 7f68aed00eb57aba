// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that wait, and that the kernel ends with EINTR for whatever comes in between.
 *
 * A move comes in between, and the program must not see it. So the EINTR becomes
 * -ERESTARTNOHAND: the kernel where the program goes on makes the call again, or says EINTR after
 * all if a handler runs first. When the time of such a call is over is remembered by its
 * deputy, which has the call wait for no longer than that, whether it runs for a surrogate or for
 * a process that is home again. Of a call that was made before the process ever left, the
 * timer tells it by which the task sleeps.
 *
 * Nor must it see that a transfer which ends only when all is done has been broken off half-way:
 * how far it has come travels with the program, and the call that is made again does the rest.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <asm/ioctls.h>
#include <asm/syscall.h>
#include "compat.h"
#include "proc.h"
#include "sys_table.h"

/* Does it wait, before it does anything else, for something that it need not do twice? */
static bool pm_wait_waits(unsigned int nr, const unsigned long *args)
{
	/* tcdrain() */
	return pm_sysrow(nr)->flags & PM_ROW_WAITS ||
	       (nr == __NR_ioctl && (u32)args[1] == TCSBRK && args[2]);
}

/**
 * pm_wait_result() - what a call returns that has perhaps been broken off
 * @nr: number of the call
 * @args: its arguments
 * @ret: what the kernel says
 *
 * Return: @ret, or -ERESTARTNOHAND if the call may be made again.
 */
long pm_wait_result(unsigned int nr, const unsigned long *args, long ret)
{
	return ret == -EINTR && pm_wait_waits(nr, args) ? -ERESTARTNOHAND : ret;
}

/**
 * struct pm_sleeper - a task that sleeps until a certain time
 * @task: counted reference
 * @until: CLOCK_MONOTONIC in ns
 * @slept: how often it has gone to sleep
 */
struct pm_sleeper {
	struct task_struct *task;
	u64 until;
	unsigned long slept;
};

/* The tasks of the thread group of @leader that are asleep on @base, at most @room of them. */
static unsigned int pm_sleepers_of(struct hrtimer_clock_base *base, struct task_struct *leader,
				   void *wakeup, struct pm_sleeper *sleepers, unsigned int room)
{
	struct timerqueue_node *node;
	unsigned int n = 0;

	for (node = timerqueue_getnext(&base->active); node && n < room;
	     node = timerqueue_iterate_next(node)) {
		struct hrtimer *timer = container_of(node, struct hrtimer, node);
		struct task_struct *task;

		if (timer->function != wakeup)
			continue;
		/* it cannot go away while its timer is queued */
		task = container_of(timer, struct hrtimer_sleeper, timer)->task;
		if (!task || !same_thread_group(task, leader))
			continue;
		sleepers[n++] = (struct pm_sleeper){
			.task = get_task_struct(task),
			.until = hrtimer_get_softexpires_tv64(timer),
			.slept = READ_ONCE(task->nvcsw),
		};
	}
	return n;
}

static unsigned int pm_sleepers(struct task_struct *leader, struct pm_sleeper *sleepers,
				unsigned int room)
{
	static const int clocks[] = { HRTIMER_BASE_MONOTONIC, HRTIMER_BASE_MONOTONIC_SOFT };
	struct hrtimer_sleeper model;
	unsigned int n = 0;
	unsigned long flags;
	int cpu, i;

	hrtimer_init_sleeper_on_stack(&model, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	for_each_online_cpu(cpu) {
		struct hrtimer_cpu_base *base = pm_hrtimer_base(cpu);

		raw_spin_lock_irqsave(&base->lock, flags);
		for (i = 0; i < ARRAY_SIZE(clocks); i++)
			n += pm_sleepers_of(&base->clock_base[clocks[i]], leader,
					    model.timer.function, sleepers + n, room - n);
		raw_spin_unlock_irqrestore(&base->lock, flags);
	}
	destroy_hrtimer_on_stack(&model.timer);
	return n;
}

/**
 * pm_wait_note() - the tasks of a process at home are about to be broken off
 * @leader: the process; the module knows its threads
 *
 * Context: may sleep. Those for which there is no memory wait anew.
 */
void pm_wait_note(struct task_struct *leader)
{
	unsigned int n = get_nr_threads(leader);
	struct pm_sleeper *sleepers = kvcalloc(n, sizeof(*sleepers), GFP_KERNEL);
	struct pm_thread *thread;

	n = sleepers ? pm_sleepers(leader, sleepers, n) : 0;
	while (n--) {
		thread = pm_thread_find(sleepers[n].task);
		if (thread) {
			WRITE_ONCE(thread->wait.sleep_until, sleepers[n].until);
			WRITE_ONCE(thread->wait.slept, sleepers[n].slept);
			pm_thread_put(thread);
		}
		put_task_struct(sleepers[n].task);
	}
	kvfree(sleepers);
}

/**
 * pm_wait_again() - is this the call that has been broken off?
 * @wait: what is remembered
 * @regs: the program's registers in a system call
 */
bool pm_wait_again(const struct pm_wait *wait, const struct pt_regs *regs)
{
	return wait->again && wait->nr == regs->orig_ax && wait->ip == regs->ip &&
	       wait->sp == regs->sp;
}

/**
 * pm_wait_keep() - a call may have been broken off: remember it if so
 * @wait: where to
 * @regs: the program's registers
 * @ret: what it returns
 * @until: when its time is over, CLOCK_MONOTONIC in ns; 0 for never
 */
void pm_wait_keep(struct pm_wait *wait, const struct pt_regs *regs, long ret, u64 until)
{
	wait->again = ret == -ERESTARTNOHAND && until;
	wait->nr = regs->orig_ax;
	wait->ip = regs->ip;
	wait->sp = regs->sp;
	wait->until = until;
	wait->done = 0;
}

/**
 * pm_wait_part() - a call has been broken off half-way: remember how far it has come
 * @wait: where to
 * @regs: the program's registers
 * @done: bytes that it has transferred
 */
void pm_wait_part(struct pm_wait *wait, const struct pt_regs *regs, u64 done)
{
	pm_wait_keep(wait, regs, -ERESTARTNOHAND, 0);
	wait->again = true;
	wait->done = done;
}

/**
 * pm_wait_sane() - can the part of an image's interrupted call be true?
 * @img: from the peer, not checked yet
 */
bool pm_wait_sane(const struct pm_img_thread *img)
{
	u64 part = le64_to_cpu(img->part), nr = le64_to_cpu(img->regs.orig_ax);

	return !part || (part <= MAX_RW_COUNT && nr < NR_syscalls &&
			 pm_sysrow(nr)->flags & (PM_ROW_READ | PM_ROW_WRITE));
}

/**
 * pm_wait_back() - undo that the kernel has backed up a call that has done a part
 * @wait: what is remembered
 * @regs: the program's registers
 *
 * It has done so if it has seen the restart code before what comes now did: a move, or a handler.
 */
void pm_wait_back(struct pm_wait *wait, struct pt_regs *regs)
{
	if (!wait->again || !wait->done || regs->ax != wait->nr || regs->ip != wait->ip - 2 ||
	    regs->sp != wait->sp)
		return;
	regs->ip = wait->ip;
	regs->orig_ax = wait->nr;
	regs->ax = -ERESTARTNOHAND;
}

/**
 * pm_wait_handled() - a signal has been taken for current; if it has a handler, the call is over
 * @wait: its thread's
 * @ka: the action
 *
 * Context: tracepoint signal_deliver, siglock held, interrupts off.
 */
void pm_wait_handled(struct pm_wait *wait, const struct k_sigaction *ka)
{
	struct pt_regs *regs = current_pt_regs();

	if (!wait->again || ka->sa.sa_handler == SIG_DFL || ka->sa.sa_handler == SIG_IGN)
		return;
	pm_wait_back(wait, regs);
	if (wait->done && (long)regs->ax == -ERESTARTNOHAND)
		regs->ax = wait->done;
	wait->again = false;
}

/* Bytes that a call is asked to transfer at once; 0 if that is not known. */
static u64 pm_wait_asked(unsigned int nr, const unsigned long *args)
{
	const struct iovec __user *vec = (void __user *)args[1];
	struct iovec iov;
	u64 sum = 0;
	u32 i;

	switch (pm_sysrow(nr)->arg[1].kind) {
	case PM_ARG_CNT:
		return min_t(u64, args[2], MAX_RW_COUNT);
	case PM_ARG_IOV:
		for (i = 0; i < args[2] && i < UIO_MAXIOV; i++) {
			if (copy_from_user(&iov, vec + i, sizeof(iov)))
				return 0;
			sum = min_t(u64, sum + iov.iov_len, MAX_RW_COUNT);
		}
		return sum;
	default:
		return 0;
	}
}

/*
 * Has current transferred less than it would have if it had not been disturbed? A result that is
 * the number of the call may be none: then the kernel has backed the call up.
 */
static bool pm_wait_short(unsigned int nr, const unsigned long *args, long ret)
{
	int sig;

	return ret > 0 && ret != nr && pm_signal_peek(&sig) == PM_SIG_NONE &&
	       pm_call_resumes(nr, args) && ret < pm_wait_asked(nr, args);
}

/**
 * pm_wait_random() - getrandom(), of which only a signal may interrupt more than a page
 * @buf: its arguments: where to
 * @len: how much
 * @flags: GRND_*
 * @done: so much of it is there
 *
 * Context: current's address space; may sleep. Return: as the call.
 */
long pm_wait_random(unsigned long buf, size_t len, unsigned int flags, size_t done)
{
	long ret;

	do {
		ret = pm_syscall6(__NR_getrandom, buf + done, len - done, flags, 0, 0, 0);
		done += max(ret, 0L);
	} while (ret > 0 && done < len && !task_sigpending(current));
	return done ?: ret;
}

/**
 * pm_wait_native() - current comes to its boundary: a call of its own may have been broken off
 * @thread: current's
 * @regs: its registers
 */
void pm_wait_native(struct pm_thread *thread, struct pt_regs *regs)
{
	struct pm_wait *wait = &thread->wait;
	unsigned long args[6];
	long ret;
	int nr;

	pm_wait_back(wait, regs);
	/* the numbers of these calls mean others */
	if (in_ia32_syscall()) {
		WRITE_ONCE(wait->sleep_until, 0);
		return;
	}
	nr = syscall_get_nr(current, regs);
	syscall_get_arguments(current, regs, args);
	ret = nr < 0 ? 0 : pm_wait_result(nr, args, regs->ax);
	if (ret == -ERESTARTNOHAND && regs->ax != ret) {
		regs->ax = ret;
		pm_wait_keep(wait, regs, ret, current->nvcsw == READ_ONCE(wait->slept) ?
			     READ_ONCE(wait->sleep_until) : 0);
	} else if (nr == __NR_getrandom && ret > 0 && ret < args[1] && ret != nr) {
		regs->ax = pm_wait_random(args[0], args[1], args[2], ret);
	} else if (pm_wait_short(nr, args, ret)) {
		pm_wait_part(wait, regs, ret);
		regs->ax = -ERESTARTNOHAND;
	}
	WRITE_ONCE(wait->sleep_until, 0);
}

/* The time that a call is to wait in ns, 0 if it has none. */
static u64 pm_wait_span(const struct pm_timeout *timeout, unsigned long value)
{
	struct timespec64 ts;

	if (timeout->ms)
		return (int)value > 0 ? (u64)(u32)value * NSEC_PER_MSEC : 0;
	if (!value || get_timespec64(&ts, (void __user *)value) || !timespec64_valid(&ts))
		return 0;
	return timespec64_to_ns(&ts);
}

/**
 * pm_wait_bound() - let a call wait until its time is over, and not longer
 * @nr: number of the call
 * @args: its arguments as user addresses here; that of the time may be changed
 * @until: when its time is over; 0: it begins now, and is filled in unless that is never
 * @room: where a struct timespec can be put, or 0: where the old one is
 *
 * Context: current's address space; may sleep.
 */
void pm_wait_bound(unsigned int nr, unsigned long *args, u64 *until, unsigned long room)
{
	const struct pm_timeout *timeout = &pm_sysrow(nr)->timeout;
	unsigned long *arg = &args[timeout->arg];
	u64 span = timeout->arg ? pm_wait_span(timeout, *arg) : 0, now = ktime_get_ns();
	struct timespec64 ts;

	if (!span) {
		*until = 0;
	} else if (!*until) {
		*until = min_t(u64, now + min_t(u64, span, KTIME_MAX), KTIME_MAX);
	} else {
		span = min(span, *until > now ? *until - now : 0);
		ts = ns_to_timespec64(span);
		if (timeout->ms)
			*arg = DIV_ROUND_UP_ULL(span, NSEC_PER_MSEC);
		else if (!put_timespec64(&ts, (void __user *)(room ?: *arg)))
			*arg = room ?: *arg;
	}
}

/* Let @args be those for what is left of a transfer. False: that cannot be said. */
static bool pm_wait_rest(struct pm_thread *thread, unsigned int nr, unsigned long *args)
{
	struct iovec __user *from = (void __user *)args[1], *to;
	u64 skip = thread->wait.done, part;
	struct iovec iov;
	u32 i;

	if (pm_sysrow(nr)->flags & PM_ROW_POS && (long)args[3] >= 0)
		args[3] += skip;
	if (pm_sysrow(nr)->arg[1].kind == PM_ARG_CNT) {
		args[1] += skip;
		args[2] -= min_t(u64, skip, args[2]);
		return true;
	}
	if (pm_sysrow(nr)->arg[1].kind != PM_ARG_IOV || args[2] > UIO_MAXIOV ||
	    pm_scratch_reserve(&thread->scratch, args[2] * sizeof(iov)))
		return false;
	to = (void __user *)thread->scratch.base;
	for (i = 0; i < args[2]; i++) {
		if (copy_from_user(&iov, from + i, sizeof(iov)))
			return false;
		part = min_t(u64, skip, iov.iov_len);
		iov.iov_base += part;
		iov.iov_len -= part;
		skip -= part;
		if (copy_to_user(to + i, &iov, sizeof(iov)))
			return false;
	}
	args[1] = thread->scratch.base;
	return true;
}

static long pm_wait_call(unsigned int nr, const unsigned long *args)
{
	long ret = pm_syscall6(nr, args[0], args[1], args[2], args[3], args[4], args[5]);

	return pm_wait_result(nr, args, ret);
}

/* The rest of a transfer. */
static void pm_wait_finish(struct pm_thread *thread, struct pt_regs *regs, unsigned long *args)
{
	unsigned int nr = regs->orig_ax;
	u64 done = thread->wait.done;
	long ret = pm_wait_rest(thread, nr, args) ? pm_wait_call(nr, args) : 0;
	int sig;

	done += max(ret, 0L);
	if (test_thread_flag(TIF_NOTIFY_SIGNAL) &&
	    (pm_wait_short(nr, args, ret) ||
	     (pm_is_restart(ret) && pm_signal_peek(&sig) == PM_SIG_NONE))) {
		pm_wait_part(&thread->wait, regs, done);
		regs->ax = pm_restart(-ERESTARTNOHAND);
	} else {
		regs->ax = done;
	}
}

/**
 * pm_wait_home() - a call that was broken off goes on at home
 * @thread: current's
 * @regs: its registers, pm_wait_again()
 *
 * Context: entry of the call; sleeps as the call does.
 */
void pm_wait_home(struct pm_thread *thread, struct pt_regs *regs)
{
	u64 until = thread->wait.until;
	unsigned long args[6];

	thread->wait.again = false;
	/* nobody else looks at it here, and the image may have brought another one */
	if (!pm_deputy_allowed(regs))
		return;
	syscall_get_arguments(current, regs, args);
	if (thread->wait.done) {
		pm_wait_finish(thread, regs, args);
	} else {
		/* without memory for it, it begins anew */
		if (!pm_scratch_reserve(&thread->scratch, sizeof(struct __kernel_timespec)))
			pm_wait_bound(regs->orig_ax, args, &until, thread->scratch.base);
		regs->ax = pm_restart(pm_wait_call(regs->orig_ax, args));
		pm_wait_keep(&thread->wait, regs, regs->ax, until);
	}
	pm_scratch_free(&thread->scratch);
}
