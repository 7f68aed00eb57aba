// SPDX-License-Identifier: GPL-2.0
/*
 * A process that comes home for a system call, and one that is home again: its system calls until
 * nothing of it is elsewhere, and the end of that.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/freezer.h>
#include <linux/prctl.h>
#include <linux/sched/signal.h>
#include <asm/syscall.h>
#include "compat.h"
#include "deputy.h"
#include "family.h"
#include "link.h"

/* prctl() among the 32-bit calls, see arch/x86/entry/syscalls/syscall_32.tbl */
#define PM_IA32_PRCTL	172

/* How often one that is to go back tries to. */
#define PM_BACK_PERIOD	(HZ / 10)

/* The first call of this thread at home will be the one. */
void pm_deputy_recall_mark(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	spin_lock(&proc->lock);
	if (!test_and_set_bit(PM_T_RECALL, &thread->flags)) {
		proc->recalls++;
		proc->recalled++;
	}
	spin_unlock(&proc->lock);
}

/* How long one tries to bring a program home when something fails that may not do so later. */
#define PM_RECALL_PATIENCE	(15 * HZ)

/* Not of a link that is gone, of another move, or if there is more than ever travels. */
static bool pm_recall_may_work(struct pm_thread *thread, int err)
{
	return err < 0 && err != -EAGAIN && err != -EPIPE && err != -EPROTO && err != -E2BIG &&
	       !pm_chan_dead(thread->chan) && !fatal_signal_pending(current);
}

int pm_deputy_recall(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	u32 node = proc->node;
	unsigned long end = jiffies + PM_RECALL_PATIENCE;
	int err;

	/* one of the nodes may have no memory, or no room for channels of pages, just now */
	while (pm_recall_may_work(thread, err = pm_deputy_come_home(thread, node)) &&
	       time_before(jiffies, end)) {
		schedule_timeout_killable(HZ / 10);
		try_to_freeze();
	}
	/* it is brought home with its relatives: not before this thread has stopped too */
	if (err == -EAGAIN && pm_has_relatives(proc))
		pm_deputy_recall_mark(thread);
	/* or it will ask again from where it is then */
	if (err == -EAGAIN)
		return PM_NEXT_STAY;
	if (err < 0 && fatal_signal_pending(current))
		return -EPIPE;
	if (err < 0)
		pm_deputy_lost(thread, "it could not be brought home for a system call");
	/* with somebody else's move it is home to stay, or as long as the other's call takes */
	return PM_NEXT_HOME;
}

/* Under pm_proc.prep, which is released. */
static void __pm_deputy_settle(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;
	struct pm_mm *mm = NULL;

	clear_syscall_work(SYSCALL_USER_DISPATCH);
	pm_thread_unhash(thread);
	spin_lock(&proc->lock);
	if (list_empty(&proc->threads)) {
		proc->state = PM_AT_HOME;
		mm = proc->mm;
		proc->mm = NULL;
	}
	spin_unlock(&proc->lock);
	mutex_unlock(&proc->prep);
	if (mm)
		pm_mm_put(mm);
	pm_parent_drop(proc);
	pm_thread_detach(thread);
}

/* The first call of a thread that was recalled is the one; at its next the process goes back. */
static void pm_deputy_recalled(struct pm_thread *thread)
{
	struct pm_proc *proc = thread->proc;

	if (test_and_clear_bit(PM_T_RECALL, &thread->flags)) {
		set_bit(PM_T_RECALLED, &thread->flags);
	} else if (test_and_clear_bit(PM_T_RECALLED, &thread->flags)) {
		spin_lock(&proc->lock);
		proc->recalls--;
		spin_unlock(&proc->lock);
		pm_proc_send_back(proc);
	} else if (!READ_ONCE(proc->recalls) &&
		   time_after(jiffies, READ_ONCE(proc->sent_back) + PM_BACK_PERIOD)) {
		/* it had come along with a relative, or that has not let it go before */
		pm_proc_send_back(proc);
	}
}

/*
 * The program wants for itself what the module has its calls seen by: it has to be done with this
 * thread before. One that keeps that cannot leave again.
 */
static bool pm_deputy_gives_way(struct pm_thread *thread, struct pt_regs *regs)
{
	unsigned long args[6];

	syscall_get_arguments(current, regs, args);
	if (regs->orig_ax != (in_ia32_syscall() ? PM_IA32_PRCTL : __NR_prctl) ||
	    (u32)args[0] != PR_SET_SYSCALL_USER_DISPATCH || (u32)args[1] != PR_SYS_DISPATCH_ON ||
	    (thread->proc->mm && pm_mm_drain_all(thread->proc->mm)) ||
	    mutex_lock_killable(&thread->proc->prep))
		return false;
	WRITE_ONCE(thread->proc->back, 0);
	__pm_deputy_settle(thread);
	return true;
}

/**
 * pm_deputy_home_call() - a system call of a process that is home again, but not settled
 * @thread: current's
 * @regs: its registers
 *
 * Return: true when the call is done (result in @regs), false to run it as usual.
 */
bool pm_deputy_home_call(struct pm_thread *thread, struct pt_regs *regs)
{
	struct pm_proc *proc = thread->proc;

	if (READ_ONCE(proc->back))
		pm_deputy_recalled(thread);
	/* the numbers of 32-bit calls mean others */
	if (!in_ia32_syscall() && pm_wait_again(&thread->wait, regs)) {
		pm_wait_home(thread, regs);
		return true;
	}
	thread->wait.again = false;
	if (pm_deputy_gives_way(thread, regs))
		return false;
	if (pm_proc_drained(proc) && !READ_ONCE(proc->back)) {
		pm_deputy_settle(thread);
		return false;
	}
	if (in_ia32_syscall() && thread->proc->mm && pm_mm_drain_all(thread->proc->mm)) {
		regs->ax = -EINTR;
		return true;
	}
	return !in_ia32_syscall() && pm_local_call(thread, regs);
}

/**
 * pm_deputy_delivered() - get_signal() has taken a signal for a process that is home
 * @thread: current's
 * @sig: the signal
 * @info: what came with it
 * @ka: its action, which get_signal() will follow
 *
 * A core dump does not fetch pages that are still elsewhere: it has to wait for them.
 * Context: tracepoint signal_deliver, siglock held, interrupts off.
 */
void pm_deputy_delivered(struct pm_thread *thread, int sig, const kernel_siginfo_t *info,
			 struct k_sigaction *ka)
{
	pm_wait_handled(&thread->wait, ka);
	if (ka->sa.sa_handler != SIG_DFL || !sig_kernel_coredump(sig) ||
	    test_bit(PM_T_LOOP, &thread->flags) || pm_proc_drained(thread->proc) ||
	    test_and_set_bit(PM_T_DUMP, &thread->flags))
		return;
	pm_signal_defer(thread, info, ka);
}

/* The process is to die of a signal that waits for its memory. */
void pm_deputy_dump(struct pm_thread *thread)
{
	kernel_siginfo_t info;

	/* what cannot be had now is a hole in the core file */
	pm_mm_drain_all(thread->proc->mm);
	if (!pm_siginfo_from_wire(&info, &thread->fatal))
		pm_force_sig_info(&info);
}

/**
 * pm_deputy_settle() - the process is home and nothing of it is elsewhere
 * @thread: current's
 *
 * Its counters stay until it ends; the thread's part goes, and with it the module's hold. If
 * somebody is about to move it, it stays as it is.
 */
void pm_deputy_settle(struct pm_thread *thread)
{
	if (mutex_trylock(&thread->proc->prep))
		__pm_deputy_settle(thread);
}
