// SPDX-License-Identifier: GPL-2.0
/* Before a move: who may ask for it, and what forbids it, as sentences for the one who asks. */
#include <linux/cred.h>
#include <linux/init_task.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <linux/slab.h>
#include "family.h"

bool pm_owns(struct task_struct *task)
{
	const struct cred *mine = current_cred(), *theirs;
	bool ok;

	rcu_read_lock();
	theirs = __task_cred(task);
	ok = uid_eq(mine->euid, theirs->uid) && uid_eq(mine->euid, theirs->euid) &&
	     uid_eq(mine->euid, theirs->suid) && gid_eq(theirs->gid, theirs->egid) &&
	     gid_eq(theirs->gid, theirs->sgid) &&
	     /* those of a user namespace of one's own are worth nothing outside it */
	     mine->user_ns == theirs->user_ns &&
	     cap_issubset(theirs->cap_permitted, mine->cap_permitted);
	rcu_read_unlock();
	return ok;
}

/* May current move @task? Its owner may, unless it is privileged or keeps secrets. */
bool pm_may_move(struct task_struct *task)
{
	struct mm_struct *mm;
	bool ok;

	if (capable(CAP_SYS_ADMIN))
		return true;
	if (!pm_owns(task))
		return false;
	task_lock(task);
	mm = task->mm;
	ok = mm && get_dumpable(mm) == SUID_DUMP_USER;
	task_unlock(task);
	return ok;
}

static int pm_say(void (*say)(void *arg, const char *text), void *arg, const char *text)
{
	say(arg, text);
	return 1;
}

/* Time and ids are those of this machine, also for what it forks. */
static int pm_namespaces_can_move(struct task_struct *task,
				  void (*say)(void *arg, const char *text), void *arg)
{
	const struct nsproxy *own, *ours = init_task.nsproxy;
	int n = 0;

	task_lock(task);
	own = task->nsproxy;
	if (own && own->time_ns != ours->time_ns)
		n += pm_say(say, arg, "it is in a time namespace of its own");
	else if (own && own->time_ns_for_children != ours->time_ns)
		n += pm_say(say, arg, "its children will be in another time namespace");
	if (own && own->pid_ns_for_children != task_active_pid_ns(task))
		n += pm_say(say, arg, "its children will be in another pid namespace");
	task_unlock(task);
	return n;
}

/* Reasons in a thread. Under RCU. */
static int pm_thread_can_move(struct task_struct *task, void (*say)(void *arg, const char *text),
			      void *arg)
{
	int n = 0;

	if (test_tsk_thread_flag(task, TIF_ADDR32))
		n += pm_say(say, arg, "it is a 32-bit program");
	if (READ_ONCE(task->ptrace))
		n += pm_say(say, arg, "a debugger or tracer is attached to it");
	if (READ_ONCE(task->vfork_done))
		n += pm_say(say, arg, "its parent waits for it in vfork()");
	if (task->io_uring)
		n += pm_say(say, arg, "it uses io_uring");
	if (task->compat_robust_list)
		n += pm_say(say, arg, "it has a list of robust futexes for 32-bit code");
	if (test_tsk_thread_flag(task, TIF_IO_BITMAP) || task->thread.iopl_emul)
		n += pm_say(say, arg, "it has access to I/O ports");
	if (test_task_syscall_work(task, SYSCALL_USER_DISPATCH) &&
	    (task->syscall_dispatch.len || task->syscall_dispatch.selector))
		n += pm_say(say, arg, "it uses syscall user dispatch");
	if (memchr_inv(task->thread.tls_array, 0, sizeof(task->thread.tls_array)))
		n += pm_say(say, arg, "it has segments of its own (set_thread_area)");
	if (test_tsk_thread_flag(task, TIF_NOTSC) || test_tsk_thread_flag(task, TIF_NOCPUID))
		n += pm_say(say, arg, "it has forbidden itself to use rdtsc or cpuid");
	if (test_tsk_thread_flag(task, TIF_SSBD) || test_tsk_thread_flag(task, TIF_SPEC_IB) ||
	    test_tsk_thread_flag(task, TIF_SPEC_L1D_FLUSH))
		n += pm_say(say, arg, "it is protected against speculation (prctl)");
	return n + pm_namespaces_can_move(task, say, arg);
}

/* Has a 32-bit call said how to handle a signal? The handler is entered in 32-bit mode then. */
static bool pm_handles_in_code32(struct task_struct *task)
{
	struct sighand_struct *sighand;
	const struct sigaction *action;
	bool found = false;
	int i;

	rcu_read_lock();
	sighand = rcu_dereference(task->sighand);
	for (i = 0; sighand && !found && i < _NSIG; i++) {
		action = &sighand->action[i].sa;
		found = action->sa_flags & SA_IA32_ABI && action->sa_handler != SIG_DFL &&
			action->sa_handler != SIG_IGN;
	}
	rcu_read_unlock();
	return found;
}

/* Reasons in its tasks; @task is one that has not ended. */
static int pm_task_can_move(struct task_struct *task, void (*say)(void *arg, const char *text),
			    void *arg)
{
	struct task_struct *thread;
	int n = 0;

	if (task->group_leader->thread.fpu.perm.__state_perm & XFEATURE_MASK_XTILE_DATA)
		n += pm_say(say, arg, "it has asked for the tile registers of the processor (AMX)");
	if (pm_handles_in_code32(task))
		n += pm_say(say, arg, "it has signal handlers in 32-bit code");
	if (task_active_pid_ns(task) != &init_pid_ns)
		n += pm_say(say, arg, "it is in a pid namespace of its own (a container)");
	rcu_read_lock();
	for_each_thread(task, thread) {
		n += pm_thread_can_move(thread, say, arg);
		/* what is true of one is mostly true of all */
		if (n)
			break;
	}
	rcu_read_unlock();
	return n;
}

struct task_struct *pm_live_thread(struct task_struct *task)
{
	struct task_struct *thread, *live = task;

	rcu_read_lock();
	if (!READ_ONCE(task->mm))
		for_each_thread(task, thread) {
			if (READ_ONCE(thread->mm)) {
				live = thread;
				break;
			}
		}
	get_task_struct(live);
	rcu_read_unlock();
	return live;
}

/* Somebody who only looks at it (ps) counts as a user too; so see who has it. */
static bool pm_mm_shared(struct task_struct *task, struct mm_struct *mm)
{
	struct task_struct *other, *thread;
	bool shared = false;

	/* a first thread that has ended still counts as a thread, but has no memory */
	if (atomic_read(&mm->mm_users) <= atomic_read(&task->signal->live) + 1)
		return false;
	rcu_read_lock();
	for_each_process_thread(other, thread)
		shared |= !same_thread_group(other, task) && !(thread->flags & PF_KTHREAD) &&
			  READ_ONCE(thread->mm) == mm;
	rcu_read_unlock();
	return shared;
}

/* Who moves with it: by address space, or who has stopped for the same move. */
struct pm_with {
	struct xarray *mms;
	u64 party;
};

static int pm_mm_task_can_move(struct task_struct *task, struct mm_struct *mm,
			       const struct pm_with *with,
			       void (*say)(void *arg, const char *text), void *arg)
{
	int n = 0;

	if (pm_mm_shared(task, mm))
		n += pm_say(say, arg, "it shares its memory with another process");
	return n + pm_mm_can_move(task, with->mms, with->party, say, arg);
}

static int pm_live_can_move(struct task_struct *task, const struct pm_with *with,
			    void (*say)(void *arg, const char *text), void *arg)
{
	struct mm_struct *mm;
	struct pm_proc *proc;
	bool away;
	int n = 0;

	if (task->flags & PF_KTHREAD)
		return pm_say(say, arg, "it is a kernel thread");
	if (is_global_init(task))
		return pm_say(say, arg, "it is the init process");
	proc = pm_proc_find(PM_SURROGATE, task_tgid(task));
	if (proc) {
		pm_proc_put(proc);
		return pm_say(say, arg, "it is a guest here: move it at its home node");
	}
	mm = get_task_mm(task);
	if (!mm)
		return pm_say(say, arg, "it has ended");
	proc = pm_proc_find(PM_DEPUTY, task_tgid(task));
	away = proc && READ_ONCE(proc->state) == PM_AWAY;
	if (proc && READ_ONCE(proc->vfork))
		n += pm_say(say, arg, "its parent waits for it in vfork()");
	if (proc && READ_ONCE(proc->vforks))
		n += pm_say(say, arg, "it waits for a child in vfork()");
	if (proc)
		pm_proc_put(proc);
	n += pm_task_can_move(task, say, arg);
	if (!away)	/* what it maps now is known to its surrogate only */
		n += pm_mm_task_can_move(task, mm, with, say, arg);
	mmput(mm);
	return n;
}

/** struct pm_relative - says of whom a reason is, if not of the one who is asked for */
struct pm_relative {
	void (*say)(void *arg, const char *text);
	void *arg;
	pid_t pid;
	char text[256];
};

static void pm_say_relative(void *arg, const char *text)
{
	struct pm_relative *relative = arg;

	scnprintf(relative->text, sizeof(relative->text), "process %d shares memory with it: %s",
		  relative->pid, text);
	relative->say(relative->arg, relative->text);
}

static void pm_say_nothing(void *arg, const char *text)
{
}

int pm_kin_can_move(struct pm_kin *kin, unsigned int i,
		    void (*say)(void *arg, const char *text), void *arg)
{
	struct task_struct *task = kin->asked[i].task;
	struct pm_with with = { .mms = &kin->mms };
	struct pm_relative *relative;
	int n;

	if (!i)
		return pm_live_can_move(task, &with, say, arg);
	relative = kzalloc(sizeof(*relative), GFP_KERNEL);
	if (!relative)
		return pm_say(say, arg, "there is no memory to find out");
	relative->say = say;
	relative->arg = arg;
	relative->pid = task_tgid_nr(task);
	/* what is in its memory is its owner's business */
	if (pm_may_move(task))
		n = pm_live_can_move(task, &with, pm_say_relative, relative);
	else
		n = pm_live_can_move(task, &with, pm_say_nothing, NULL);
	if (n && !pm_may_move(task))
		pm_say_relative(relative, "it cannot move");
	kfree(relative);
	return n;
}

int pm_can_leave(u64 party, void (*say)(void *arg, const char *text), void *arg)
{
	struct pm_with with = { .party = party };

	return pm_live_can_move(current, &with, say, arg);
}

int pm_can_move(struct task_struct *task, void (*say)(void *arg, const char *text), void *arg)
{
	struct task_struct *live = pm_live_thread(task);
	struct pm_kin *kin = pm_kin_find(live, NULL);
	unsigned int i;
	int n = 0;

	put_task_struct(live);
	if (!kin)
		return pm_say(say, arg, "there is no memory to find out");
	for (i = 0; i < kin->n; i++)
		n += pm_kin_can_move(kin, i, say, arg);
	if (kin->more)
		n += pm_say(say, arg, "too many processes share memory with it");
	pm_kin_free(kin);
	return n;
}
