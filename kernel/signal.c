// SPDX-License-Identifier: GPL-2.0
/*
 * Signals of a migrated process.
 *
 * There is one queue, the deputy's at home: whoever sends a signal finds the deputy, and what is
 * blocked stays pending there, where sigpending, sigtimedwait and signalfd look for it. What can be
 * delivered is taken out by the kernel's own get_signal(), run by the deputy, which also stops,
 * continues, freezes and kills as for any process. Only a signal that has a handler goes on to the
 * surrogate, one at a time; its kernel builds the frame.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include "compat.h"
#include "proc.h"

#define PM_SYNCHRONOUS (sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | \
			sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))

/* The signal that dequeue_signal() would take from @set, 0 if none (6.1: next_signal()). */
static int pm_signal_next(u64 set)
{
	if (set & PM_SYNCHRONOUS)
		set &= PM_SYNCHRONOUS;
	return set ? __ffs64(set) + 1 : 0;
}

/**
 * pm_signal_peek() - what will get_signal() do next for current?
 * @sig: where to put the signal's number, 0 if it is none
 *
 * Context: takes the siglock. The answer can be outdated at once by a new signal; the callers look
 * again after each step.
 */
enum pm_disposition pm_signal_peek(int *sig)
{
	struct signal_struct *signal = current->signal;
	enum pm_disposition ret = PM_SIG_NONE;
	__sighandler_t handler;
	u64 open;

	*sig = 0;
	if (!task_sigpending(current))
		return PM_SIG_NONE;
	spin_lock_irq(&pm_sighand()->siglock);
	open = ~current->blocked.sig[0];
	if (signal->flags & SIGNAL_GROUP_EXIT || signal->group_exec_task) {
		ret = PM_SIG_NATIVE;
		goto unlock;
	}
	/* it was set before the signal by which the tracer attaches was sent */
	if (current->ptrace) {
		ret = PM_SIG_TRACED;
		goto unlock;
	}
	if (current->jobctl & (JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK | JOBCTL_TRAP_FREEZE)) {
		ret = PM_SIG_STOP;
		goto unlock;
	}
	*sig = pm_signal_next(current->pending.signal.sig[0] & open) ?:
	       pm_signal_next(signal->shared_pending.signal.sig[0] & open);
	if (!*sig) {
		/* a stop that has ended, or freezing: get_signal() clears the flag */
		ret = PM_SIG_NATIVE;
		goto unlock;
	}
	handler = pm_sighand()->action[*sig - 1].sa.sa_handler;
	if (handler != SIG_DFL && handler != SIG_IGN)
		ret = PM_SIG_FORWARD;
	else if (handler == SIG_IGN || sig_kernel_ignore(*sig))
		ret = PM_SIG_NATIVE;
	else if (sig_kernel_stop(*sig))
		ret = PM_SIG_STOP;
	else if (sig_kernel_coredump(*sig))
		ret = PM_SIG_CORE;
	else
		ret = PM_SIG_NATIVE;
unlock:
	spin_unlock_irq(&pm_sighand()->siglock);
	return ret;
}

/** pm_signal_synchronous() - is a signal of current's own last instruction pending? */
bool pm_signal_synchronous(void)
{
	return current->pending.signal.sig[0] & ~current->blocked.sig[0] & PM_SYNCHRONOUS;
}

/**
 * pm_signal_take() - run get_signal() for current
 * @thread: current's
 * @wire: the signal that wants a handler
 *
 * Context: may stop, may freeze, may not return at all (the process ends).
 * Return: true if there is one to forward.
 */
bool pm_signal_take(struct pm_thread *thread, struct pm_wire_siginfo *wire)
{
	u64 mine = READ_ONCE(current->pending.signal.sig[0]);
	struct ksignal ksig;

	if (!pm_get_signal(&ksig))
		return false;
	/* its handler is gone from here */
	thread->oneshot_sig = ksig.ka.sa.sa_flags & SA_ONESHOT ? ksig.sig : 0;
	thread->oneshot = ksig.ka.sa.sa_handler;
	pm_siginfo_to_wire(wire, &ksig.info);
	wire->signo = cpu_to_le32(ksig.sig);
	/* a task's own signals come first */
	wire->shared = cpu_to_le32(!(mine & sigmask(ksig.sig)));
	return true;
}

void pm_siginfo_to_wire(struct pm_wire_siginfo *wire, const kernel_siginfo_t *info)
{
	BUILD_BUG_ON(sizeof(*info) > sizeof(wire->info));
	memset(wire, 0, sizeof(*wire));
	wire->signo = cpu_to_le32(info->si_signo);
	memcpy(wire->info, info, sizeof(*info));
}

int pm_siginfo_from_wire(kernel_siginfo_t *info, const struct pm_wire_siginfo *wire)
{
	clear_siginfo(info);
	memcpy(info, wire->info, sizeof(*info));
	info->si_signo = le32_to_cpu(wire->signo);
	/* what no program can catch is never sent */
	if (!valid_signal(info->si_signo) || !info->si_signo || sig_kernel_only(info->si_signo))
		return -EPROTO;
	return 0;
}

/**
 * pm_signal_inject() - queue a signal to current as its sender meant it
 * @wire: from the peer
 * Return: 0, -EPROTO no signal, or what send_sig_info() says.
 */
int pm_signal_inject(const struct pm_wire_siginfo *wire)
{
	kernel_siginfo_t info;
	int err = pm_siginfo_from_wire(&info, wire);

	return err ?: send_sig_info(info.si_signo, &info, current);
}

/**
 * pm_signal_defer() - let get_signal() skip the signal that it has taken
 * @thread: current's
 * @info: what came with it
 * @ka: its action, the default one
 *
 * Context: tracepoint signal_deliver, siglock held. The thread's boundary calls
 * pm_signal_deferred().
 */
void pm_signal_defer(struct pm_thread *thread, const kernel_siginfo_t *info, struct k_sigaction *ka)
{
	pm_siginfo_to_wire(&thread->fatal, info);
	ka->sa.sa_handler = SIG_IGN;
	set_bit(PM_T_FATAL, &thread->flags);
	pm_thread_kick(thread);
}

/**
 * pm_signal_deferred() - has get_signal() skipped a signal?
 * @thread: current's
 *
 * Context: its boundary. Return: true if so; it is in @thread->fatal.
 */
bool pm_signal_deferred(struct pm_thread *thread)
{
	int sig = le32_to_cpu(thread->fatal.signo);

	if (!test_and_clear_bit(PM_T_FATAL, &thread->flags))
		return false;
	spin_lock_irq(&pm_sighand()->siglock);
	pm_sighand()->action[sig - 1].sa.sa_handler = SIG_DFL;
	spin_unlock_irq(&pm_sighand()->siglock);
	return true;
}

/* The youngest signal of this number was there before all others. */
static void pm_signal_first(struct sigpending *pending, int sig)
{
	struct sigqueue *q;

	spin_lock_irq(&pm_sighand()->siglock);
	list_for_each_entry_reverse(q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		list_move(&q->list, &pending->list);
		break;
	}
	spin_unlock_irq(&pm_sighand()->siglock);
}

/*
 * Has the other of stopping and continuing been sent since @sig? Each undoes the other, and what
 * comes back was first. A handler that was for one signal, which nobody has seen yet, is back.
 */
static bool pm_signal_undone(struct pm_thread *thread, int sig)
{
	struct signal_struct *signal = current->signal;
	struct k_sigaction *ka = &pm_sighand()->action[sig - 1];
	bool undone = false;
	u64 pending;

	spin_lock_irq(&pm_sighand()->siglock);
	pending = current->pending.signal.sig[0] | signal->shared_pending.signal.sig[0];
	if (sig == SIGCONT)
		undone = pending & SIG_KERNEL_STOP_MASK || signal->flags & SIGNAL_STOP_STOPPED ||
			 current->jobctl & JOBCTL_STOP_PENDING;
	else if (sig_kernel_stop(sig))
		undone = pending & sigmask(SIGCONT);
	if (thread->oneshot_sig == sig) {
		if (ka->sa.sa_handler == SIG_DFL)
			ka->sa.sa_handler = thread->oneshot;
		thread->oneshot_sig = 0;
	}
	spin_unlock_irq(&pm_sighand()->siglock);
	return undone;
}

/**
 * pm_signal_return() - queue a signal that the surrogate has given back
 * @thread: current's
 * @wire: from the surrogate
 *
 * One that was sent to the process is for any thread that does not block it.
 * Return: as pm_signal_inject().
 */
int pm_signal_return(struct pm_thread *thread, const struct pm_wire_siginfo *wire)
{
	kernel_siginfo_t info;
	int err = pm_siginfo_from_wire(&info, wire);

	if (err)
		return err;
	if (pm_signal_undone(thread, info.si_signo))
		return 0;
	err = wire->shared ? pm_send_process(&info) : send_sig_info(info.si_signo, &info, current);
	if (!err)
		pm_signal_first(wire->shared ? &current->signal->shared_pending :
				&current->pending, info.si_signo);
	return err;
}

/**
 * pm_signal_giveback() - take one queued signal of current, blocked or not
 * @wire: where to put it
 * @blocked_only: leave those alone that are not blocked
 *
 * For a surrogate that freezes or has been given what it blocks: the queue is at home.
 * Return: false if none is pending.
 */
bool pm_signal_giveback(struct pm_wire_siginfo *wire, bool blocked_only)
{
	sigset_t skip = {};
	kernel_siginfo_t info;
	enum pid_type type;
	int sig;

	if (blocked_only)
		skip.sig[0] = ~current->blocked.sig[0];
	sigaddset(&skip, SIGKILL);
	sigaddset(&skip, SIGSTOP);
	spin_lock_irq(&pm_sighand()->siglock);
	sig = dequeue_signal(current, &skip, &info, &type);
	recalc_sigpending();
	spin_unlock_irq(&pm_sighand()->siglock);
	if (!sig)
		return false;
	pm_siginfo_to_wire(wire, &info);
	wire->shared = cpu_to_le32(type == PIDTYPE_TGID);
	return true;
}
