// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that the module knows, and how to find them.
 *
 * Every struct pm_thread holds a reference to the module from creation to its last put, so
 * the module cannot go while a task of it sleeps in the module's code or has one of its task
 * works queued.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "family.h"
#include "link.h"
#include "policy.h"
#include "proc.h"

#define PM_HASH_BITS	8

/* Protects the table. Taken in process context only. */
static DEFINE_SPINLOCK(pm_procs_lock);
static struct hlist_head pm_procs[1 << PM_HASH_BITS];

static void pm_proc_reap(struct work_struct *work)
{
	struct pm_proc *proc = container_of(work, struct pm_proc, reap);

	pm_birth_fail(proc);
	/* somebody at the other end may wait for a verdict */
	if (proc->chan)
		pm_chan_kill(proc->chan);
	pm_proc_put(proc);
}

static struct hlist_head *pm_proc_bucket(struct pid *tgid)
{
	return &pm_procs[hash_ptr(tgid, PM_HASH_BITS)];
}

/* Under pm_procs_lock. */
static struct pm_proc *__pm_proc_find(enum pm_role role, struct pid *tgid)
{
	struct pm_proc *proc;

	hlist_for_each_entry(proc, pm_proc_bucket(tgid), hash)
		if (proc->tgid == tgid && proc->role == role)
			return pm_proc_get(proc);
	return NULL;
}

struct pm_proc *pm_proc_new(enum pm_role role, u64 id, u32 home)
{
	struct pm_proc *proc = kzalloc(sizeof(*proc), GFP_KERNEL_ACCOUNT);

	if (!proc)
		return NULL;
	kref_init(&proc->ref);
	spin_lock_init(&proc->lock);
	mutex_init(&proc->prep);
	INIT_LIST_HEAD(&proc->threads);
	INIT_LIST_HEAD(&proc->joining);
	init_waitqueue_head(&proc->team.wait);
	INIT_WORK(&proc->reap, pm_proc_reap);
	INIT_WORK(&proc->back_work, pm_go_back);
	INIT_WORK(&proc->home_work, pm_go_home);
	INIT_WORK(&proc->own_work, pm_go_own);
	proc->id = id;
	proc->home = home;
	proc->role = role;
	proc->node = home;
	return proc;
}

/* From now on it can be found. Under pm_procs_lock. */
static void __pm_proc_add(struct pm_proc *proc, struct pid *tgid)
{
	proc->tgid = get_pid(tgid);
	hlist_add_head(&pm_proc_get(proc)->hash, pm_proc_bucket(tgid));
}

void pm_proc_add(struct pm_proc *proc, struct pid *tgid)
{
	spin_lock(&pm_procs_lock);
	__pm_proc_add(proc, tgid);
	spin_unlock(&pm_procs_lock);
}

struct pm_proc *pm_proc_make(enum pm_role role, u64 id, u32 home, struct pid *tgid)
{
	struct pm_proc *proc = pm_proc_new(role, id, home), *old;

	if (!proc)
		return NULL;
	spin_lock(&pm_procs_lock);
	old = __pm_proc_find(role, tgid);
	if (!old)
		__pm_proc_add(proc, tgid);
	spin_unlock(&pm_procs_lock);
	if (old)
		kfree(proc);
	return old ?: proc;
}

struct pm_proc *pm_proc_get(struct pm_proc *proc)
{
	kref_get(&proc->ref);
	return proc;
}

static void pm_proc_release(struct kref *ref)
{
	struct pm_proc *proc = container_of(ref, struct pm_proc, ref);

	if (proc->req)
		pm_req_finish(proc, -ESRCH, "the process has ended");
	if (proc->guest)
		pm_guests_add(-1);
	pm_parent_drop(proc);
	pm_join_drop(proc);
	if (proc->herald)
		pm_chan_put(proc->herald);
	/* it has been killed before it ran: its other half is to know */
	if (proc->first)
		pm_chan_drop(proc->first);
	if (proc->chan) {
		pm_chan_set_kick(proc->chan, NULL, NULL);
		pm_chan_drop(proc->chan);
	}
	if (proc->mm)
		pm_mm_put(proc->mm);
	put_pid(proc->tgid);
	kfree(proc);
}

void pm_proc_put(struct pm_proc *proc)
{
	kref_put(&proc->ref, pm_proc_release);
}

struct pm_proc *pm_proc_find(enum pm_role role, struct pid *tgid)
{
	struct pm_proc *proc;

	spin_lock(&pm_procs_lock);
	proc = __pm_proc_find(role, tgid);
	spin_unlock(&pm_procs_lock);
	return proc;
}

/* The process @id of @home (0: of any) with this role; @trip NULL: during any of its stays here. */
static struct pm_proc *pm_proc_seek(enum pm_role role, u64 id, u32 home, const u64 *trip)
{
	struct pm_proc *proc, *found = NULL;
	unsigned int i;

	spin_lock(&pm_procs_lock);
	for (i = 0; i < ARRAY_SIZE(pm_procs) && !found; i++) {
		hlist_for_each_entry(proc, &pm_procs[i], hash) {
			if (proc->role != role || proc->id != id ||
			    (home && proc->home != home) || (trip && proc->trip != *trip))
				continue;
			found = pm_proc_get(proc);
			break;
		}
	}
	spin_unlock(&pm_procs_lock);
	return found;
}

struct pm_proc *pm_proc_find_id(u64 id)
{
	return pm_proc_seek(PM_DEPUTY, id, 0, NULL);
}

bool pm_is_away(struct pid *tgid)
{
	struct pm_proc *proc;
	bool away = false;

	spin_lock(&pm_procs_lock);
	hlist_for_each_entry(proc, pm_proc_bucket(tgid), hash)
		if (proc->tgid == tgid && proc->role == PM_DEPUTY)
			away = READ_ONCE(proc->state) == PM_AWAY;
	spin_unlock(&pm_procs_lock);
	return away;
}

unsigned int pm_proc_relatives(struct pm_proc *proc, struct pm_proc **to, unsigned int max)
{
	u64 family = READ_ONCE(proc->family);
	struct pm_proc *pos;
	unsigned int i, n = 0;

	if (!family)
		return 0;
	spin_lock(&pm_procs_lock);
	for (i = 0; i < ARRAY_SIZE(pm_procs); i++) {
		hlist_for_each_entry(pos, &pm_procs[i], hash) {
			if (pos == proc || pos->role != PM_DEPUTY ||
			    READ_ONCE(pos->family) != family ||
			    READ_ONCE(pos->state) != PM_AWAY)
				continue;
			if (n < max)
				to[n] = pm_proc_get(pos);
			n++;
		}
	}
	spin_unlock(&pm_procs_lock);
	return n;
}

struct pm_proc *pm_proc_find_trip(u64 id, u32 home, u64 trip)
{
	return pm_proc_seek(PM_SURROGATE, id, home, &trip);
}

struct pm_mm *pm_proc_mm(u64 id, u32 home)
{
	struct pm_proc *proc = pm_proc_seek(PM_SURROGATE, id, home, NULL);
	struct pm_mm *mm = NULL;

	if (!proc)
		return NULL;
	spin_lock(&proc->lock);
	if (proc->mm)
		mm = pm_mm_get(proc->mm);
	spin_unlock(&proc->lock);
	pm_proc_put(proc);
	return mm;
}

/* The @nth process of @role, counted reference, or NULL. */
static struct pm_proc *pm_proc_nth(enum pm_role role, unsigned int nth)
{
	struct pm_proc *proc, *found = NULL;
	unsigned int i;

	spin_lock(&pm_procs_lock);
	for (i = 0; i < ARRAY_SIZE(pm_procs) && !found; i++) {
		hlist_for_each_entry(proc, &pm_procs[i], hash) {
			if (proc->role != role || nth--)
				continue;
			found = pm_proc_get(proc);
			break;
		}
	}
	spin_unlock(&pm_procs_lock);
	return found;
}

int pm_procs_visit(bool guests, unsigned int start,
		   int (*fn)(const struct pm_info *info, void *arg), void *arg)
{
	struct pm_proc *proc;
	struct pm_info info;
	int ret = 0;

	while (!ret && (proc = pm_proc_nth(guests ? PM_SURROGATE : PM_DEPUTY, start++))) {
		pm_proc_info(proc, &info);
		pm_proc_put(proc);
		ret = fn(&info, arg);
		cond_resched();
	}
	return ret;
}

void pm_mm_memory(struct mm_struct *mm, struct pm_memory *memory)
{
	unsigned long exec = READ_ONCE(mm->exec_vm);
	unsigned long text = PHYS_PFN(PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK));

	*memory = (struct pm_memory){ {
		[PM_MEM_SIZE] = READ_ONCE(mm->total_vm),
		[PM_MEM_ANON] = get_mm_counter(mm, MM_ANONPAGES),
		[PM_MEM_FILE] = get_mm_counter(mm, MM_FILEPAGES),
		[PM_MEM_SHMEM] = get_mm_counter(mm, MM_SHMEMPAGES),
		[PM_MEM_LOCKED] = READ_ONCE(mm->locked_vm),
		[PM_MEM_DATA] = READ_ONCE(mm->data_vm),
		[PM_MEM_STACK] = READ_ONCE(mm->stack_vm),
		[PM_MEM_LIB] = exec - min(exec, text),
		[PM_MEM_TABLES] = PHYS_PFN(mm_pgtables_bytes(mm)),
		[PM_MEM_SWAP] = get_mm_counter(mm, MM_SWAPENTS),
	} };
}

void pm_task_memory(struct task_struct *task, struct pm_memory *memory)
{
	struct mm_struct *mm = get_task_mm(task);

	*memory = (struct pm_memory){};
	if (!mm)
		return;
	pm_mm_memory(mm, memory);
	mmput(mm);
}

/*
 * What is on its way has been counted by neither, or is still here: so the larger number is the one
 * that is nearer to the truth.
 */
void pm_proc_memory(struct pm_proc *proc, struct pm_memory *memory)
{
	struct task_struct *task = get_pid_task(proc->tgid, PIDTYPE_TGID);
	struct pm_memory here = {};

	if (task) {
		pm_task_memory(task, &here);
		put_task_struct(task);
	}
	spin_lock(&proc->lock);
	*memory = proc->memory;
	if (proc->role != PM_DEPUTY || proc->state != PM_AWAY || !memory->pages[PM_MEM_SIZE])
		*memory = here;
	spin_unlock(&proc->lock);
	if (pm_memory_rss(memory) < pm_memory_rss(&here)) {
		memory->pages[PM_MEM_ANON] = here.pages[PM_MEM_ANON];
		memory->pages[PM_MEM_FILE] = here.pages[PM_MEM_FILE];
		memory->pages[PM_MEM_SHMEM] = here.pages[PM_MEM_SHMEM];
	}
}

void pm_proc_info(struct pm_proc *proc, struct pm_info *info)
{
	struct pm_mm *mm;

	memset(info, 0, sizeof(*info));
	spin_lock(&proc->lock);
	info->pid = pid_vnr(proc->tgid);
	info->node = proc->node;
	info->home = proc->home;
	/* this node may have got another id since */
	if (proc->role == PM_DEPUTY && proc->state == PM_AT_HOME) {
		info->home = pm_self_id();
		info->node = info->home;
	}
	info->state = proc->req ? PM_LEAVING : proc->state;
	if (info->state == PM_DRAINING && proc->mm && pm_mm_drained(proc->mm))
		info->state = PM_AT_HOME;
	info->moves = proc->moves;
	info->calls = proc->calls;
	info->signals = proc->signals;
	info->recalls = proc->recalled;
	info->freeze_ns = proc->freeze_ns;
	info->utime = proc->utime;
	info->stime = proc->stime;
	memcpy(info->comm, proc->comm, sizeof(info->comm));
	pm_policy_get(proc->tgid, &info->policy);
	mm = proc->mm;
	if (mm)
		pm_mm_get(mm);
	spin_unlock(&proc->lock);
	pm_proc_memory(proc, &info->memory);
	if (mm) {
		pm_mm_stats(mm, &info->mem);
		pm_mm_put(mm);
	}
}

void pm_proc_wake(void *arg)
{
	struct pm_proc *proc = arg;

	wake_up_all(&proc->team.wait);
}

struct pm_req *pm_req_get(struct pm_req *req)
{
	kref_get(&req->ref);
	return req;
}

static void pm_req_release(struct kref *ref)
{
	struct pm_req *req = container_of(ref, struct pm_req, ref);

	struct pm_chan *chan;
	unsigned long tid;

	xa_for_each(&req->threads, tid, chan) {
		pm_chan_drop(chan);
	}
	xa_destroy(&req->threads);
	if (req->chan)
		pm_chan_drop(req->chan);
	pm_party_put(req->party);
	kfree(req);
}

void pm_req_put(struct pm_req *req)
{
	kref_put(&req->ref, pm_req_release);
}

void pm_req_finish(struct pm_proc *proc, int err, const char *why)
{
	struct pm_req *req;

	spin_lock(&proc->lock);
	req = proc->req;
	proc->req = NULL;
	spin_unlock(&proc->lock);
	if (!req)
		return;
	if (err && req->party)
		pm_party_fail(req->party, err);
	req->err = err;
	if (why)
		strscpy(req->why, why, sizeof(req->why));
	complete_all(&req->done);
	pm_req_put(req);
}

/* Take the dead process off the table; its reference is dropped where one may sleep. */
void pm_proc_forget(struct pid *tgid)
{
	struct pm_proc *proc;
	struct hlist_node *next;

	spin_lock(&pm_procs_lock);
	hlist_for_each_entry_safe(proc, next, pm_proc_bucket(tgid), hash) {
		if (proc->tgid != tgid)
			continue;
		hlist_del_init(&proc->hash);
		pm_reap(&proc->reap);
	}
	spin_unlock(&pm_procs_lock);
}

/* Moves that processes ask for by themselves: many may wait for their turns. */
static struct workqueue_struct *pm_own_wq;

/* The work ends the module's hold. Not for the reaper, for which moves wait. */
static void pm_proc_queue(struct pm_proc *proc, struct workqueue_struct *wq,
			  struct work_struct *work)
{
	pm_proc_get(proc);
	__module_get(THIS_MODULE);
	if (!queue_work(wq, work)) {
		module_put(THIS_MODULE);
		pm_proc_put(proc);
	}
}

void pm_proc_send_back(struct pm_proc *proc)
{
	WRITE_ONCE(proc->sent_back, jiffies);
	pm_proc_queue(proc, system_unbound_wq, &proc->back_work);
}

void pm_proc_send_home(struct pm_proc *proc)
{
	pm_proc_queue(proc, system_unbound_wq, &proc->home_work);
}

void pm_proc_send_own(struct pm_proc *proc)
{
	pm_proc_queue(proc, pm_own_wq, &proc->own_work);
}

/* May sleep. Return: 0 or -ENOMEM. */
int pm_procs_init(void)
{
	pm_own_wq = alloc_workqueue("procmig_own", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE);
	return pm_own_wq ? 0 : -ENOMEM;
}

/* Processes that have been away and are home: what is left of their memory objects goes first. */
void pm_procs_exit(void)
{
	struct hlist_node *next;
	struct pm_proc *proc;
	unsigned int i;

	spin_lock(&pm_procs_lock);
	for (i = 0; i < ARRAY_SIZE(pm_procs); i++) {
		hlist_for_each_entry_safe(proc, next, &pm_procs[i], hash) {
			hlist_del_init(&proc->hash);
			pm_reap(&proc->reap);
		}
	}
	spin_unlock(&pm_procs_lock);
	destroy_workqueue(pm_own_wq);
}
