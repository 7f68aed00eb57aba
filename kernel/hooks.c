// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks. None of them costs an unmoved task anything on its hot paths:
 *
 * - syscall_user_dispatch() is called only for tasks with SYSCALL_WORK_SYSCALL_USER_DISPATCH, which
 *   the module sets on its own; its entry is redirected for those.
 * - handle_userfault() is called only for faults in userfaultfd ranges.
 * - mm_access() and what writes the files of /proc/PID look the process up (outside.c).
 * - shmem_mmap() counts (promise_store.c).
 * - shmat(), truncate() and copy_file_range() look for shared memory that is away (guard.c).
 * - The tracepoints signal_deliver, sched_process_fork, _exec and _exit look the task up in a
 *   small hash.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>
#include "compat.h"
#include "hooks.h"
#include "outside.h"
#include "policy.h"
#include "proc.h"
#include "promise.h"

/* In place of syscall_user_dispatch(): true when the call has been made. */
static bool notrace pm_dispatch(struct pt_regs *regs)
{
	struct pm_thread *thread = pm_thread_current();

	if (thread->proc->role == PM_SURROGATE)
		return pm_surrogate_call(thread, regs);
	return pm_deputy_home_call(thread, regs);
}

static void notrace pm_dispatch_entry(unsigned long ip, unsigned long parent,
				      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	/* a task finds itself, so the answer stays right until it gets there */
	if (regs && pm_thread_current())
		regs->ip = (unsigned long)pm_dispatch;
}

static void notrace pm_userfault_entry(unsigned long ip, unsigned long parent,
				       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (regs && pm_userfault_ours((struct vm_fault *)regs->di))
		regs->ip = (unsigned long)pm_handle_userfault;
}

static void notrace pm_shmem_mmap_entry(unsigned long ip, unsigned long parent,
					struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (regs)
		pm_stores_mapping((struct vm_area_struct *)regs->si);
}

#define PM_OPS_FLAGS (FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION)

/**
 * struct pm_entry_hook - a function whose entry is redirected
 * @name: of the function
 * @ops: what ftrace calls there
 * @ours: with pm_stand_in_entry(): is this call one for @stand_in?
 * @stand_in: takes the place of the function, and puts the module
 */
struct pm_entry_hook {
	const char *name;
	struct ftrace_ops ops;
	bool (*ours)(const struct pt_regs *regs);
	void *stand_in;
};

/*
 * Functions that somebody calls about a process that runs elsewhere. The stand-in calls the
 * function itself, and may sleep in it: so it holds the module.
 */
static void notrace pm_stand_in_entry(unsigned long ip, unsigned long parent,
				      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct pm_entry_hook *hook = container_of(ops, struct pm_entry_hook, ops);
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (!regs || within_module_core(parent, THIS_MODULE) || !hook->ours(regs) ||
	    !try_module_get(THIS_MODULE))
		return;
	regs->ip = (unsigned long)hook->stand_in;
}

#define PM_STAND_IN(function, whose) \
	{ \
		.name = #function, \
		.ops = { .func = pm_stand_in_entry, .flags = PM_OPS_FLAGS }, \
		.ours = whose, \
		.stand_in = pm_outside_##function, \
	}

static struct pm_entry_hook pm_entries[] = {
	{ "syscall_user_dispatch", { .func = pm_dispatch_entry, .flags = PM_OPS_FLAGS } },
	{ "handle_userfault", { .func = pm_userfault_entry, .flags = PM_OPS_FLAGS } },
	{ "shmem_mmap", { .func = pm_shmem_mmap_entry,
			  .flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_RECURSION } },
	PM_STAND_IN(mm_access, pm_outside_access),
	PM_STAND_IN(mem_read, pm_outside_mem),
	PM_STAND_IN(mem_write, pm_outside_mem),
	PM_STAND_IN(access_remote_vm, pm_outside_reads),
	PM_STAND_IN(pid_maps_open, pm_outside_opens),
	PM_STAND_IN(do_shmat, pm_outside_attaches),
	PM_STAND_IN(do_truncate, pm_outside_changes),
	PM_STAND_IN(vfs_copy_file_range, pm_outside_changes),
	PM_STAND_IN(vfs_clone_file_range, pm_outside_changes),
	PM_STAND_IN(proc_tgid_stat, pm_outside_shows),
	PM_STAND_IN(proc_tid_stat, pm_outside_shows),
	PM_STAND_IN(proc_pid_status, pm_outside_shows),
	PM_STAND_IN(proc_pid_statm, pm_outside_shows),
	PM_STAND_IN(proc_pid_wchan, pm_outside_shows),
	PM_STAND_IN(proc_pid_syscall, pm_outside_shows),
};

static void pm_on_signal(void *data, int sig, struct kernel_siginfo *info, struct k_sigaction *ka)
{
	struct pm_thread *thread = pm_thread_current();

	if (thread && thread->proc->role == PM_SURROGATE)
		pm_surrogate_delivered(thread, sig, info, ka);
	else if (thread)
		pm_deputy_delivered(thread, sig, info, ka);
}

static void pm_on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	pm_thread_forked(child);
	pm_policy_forked(child);
}

static void pm_on_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	pm_exec_done();
}

static void pm_on_exit(void *data, struct task_struct *task)
{
	pm_thread_exiting(task);
}

static struct pm_probe {
	const char *name;
	void *func;
	struct tracepoint *tp;
} pm_probes[] = {
	{ "signal_deliver", pm_on_signal },
	{ "sched_process_fork", pm_on_fork },
	{ "sched_process_exec", pm_on_exec },
	{ "sched_process_exit", pm_on_exit },
};

static void pm_match_tracepoint(struct tracepoint *tp, void *arg)
{
	struct pm_probe *probe = arg;

	if (!strcmp(tp->name, probe->name))
		probe->tp = tp;
}

static void pm_entries_remove(int n)
{
	while (n--) {
		unregister_ftrace_function(&pm_entries[n].ops);
		ftrace_free_filter(&pm_entries[n].ops);
	}
}

static int pm_entries_add(void)
{
	struct pm_entry_hook *hook;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(pm_entries); i++) {
		hook = &pm_entries[i];
		/* by address, for a module may have a function of the same name */
		err = ftrace_set_filter_ip(&hook->ops, pm_symbol(hook->name), 0, 1);
		err = err ?: register_ftrace_function(&hook->ops);
		if (err) {
			pr_err("cannot hook %s() (%d): is ftrace off, or has somebody else hooked it?\n",
			       hook->name, err);
			pm_entries_remove(i);
			return err;
		}
	}
	return 0;
}

static void pm_probes_remove(int n)
{
	while (n--)
		tracepoint_probe_unregister(pm_probes[n].tp, pm_probes[n].func, NULL);
	tracepoint_synchronize_unregister();
}

static int pm_probes_add(void)
{
	struct pm_probe *probe;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(pm_probes); i++) {
		probe = &pm_probes[i];
		for_each_kernel_tracepoint(pm_match_tracepoint, probe);
		err = probe->tp ? tracepoint_probe_register(probe->tp, probe->func, NULL) : -ENOENT;
		if (err) {
			pr_err("cannot attach to tracepoint %s (%d)\n", probe->name, err);
			pm_probes_remove(i);
			return err;
		}
	}
	return 0;
}

int pm_hooks_init(void)
{
	int err = pm_probes_add();

	if (err)
		return err;
	err = pm_entries_add();
	if (err)
		pm_probes_remove(ARRAY_SIZE(pm_probes));
	return err;
}

void pm_hooks_exit(void)
{
	pm_entries_remove(ARRAY_SIZE(pm_entries));
	pm_probes_remove(ARRAY_SIZE(pm_probes));
	/* a task may have been preempted on its way through a hook */
	synchronize_rcu_tasks();
}
