// SPDX-License-Identifier: GPL-2.0
/*
 * Who can only move together.
 *
 * At home: who maps an object of shared memory that the process maps, and who maps one that these
 * map, and so on. Away: the deputies of the same family; their surrogates may share more, or less,
 * but nothing with anybody else.
 */
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "family.h"
#include "space.h"

/* One more; takes over the references. */
static void pm_kin_add(struct pm_kin *kin, struct task_struct *task, struct pm_proc *proc)
{
	if (kin->n < PM_KIN_MAX) {
		kin->asked[kin->n].task = task;
		kin->asked[kin->n++].proc = proc;
		return;
	}
	kin->more = true;
	put_task_struct(task);
	if (proc)
		pm_proc_put(proc);
}

/* ---- away ---- */

static void pm_kin_away(struct pm_kin *kin, struct pm_proc *proc)
{
	struct pm_proc **procs = kcalloc(PM_KIN_MAX, sizeof(*procs), GFP_KERNEL);
	unsigned int i, n = procs ? pm_proc_relatives(proc, procs, PM_KIN_MAX) : 0;
	struct task_struct *leader;

	kin->more = !procs || n > PM_KIN_MAX;
	for (i = 0; i < min_t(unsigned int, n, PM_KIN_MAX); i++) {
		leader = get_pid_task(procs[i]->tgid, PIDTYPE_TGID);
		if (leader) {
			pm_kin_add(kin, pm_live_thread(leader), procs[i]);
			put_task_struct(leader);
		} else {
			pm_proc_put(procs[i]);
		}
	}
	kfree(procs);
}

bool pm_has_relatives(struct pm_proc *proc)
{
	return pm_proc_relatives(proc, NULL, 0);
}

/* ---- at home ---- */

/* Somebody has one of our objects mapped. What cannot move is for pm_object_closed() to say. */
static void pm_kin_meet(struct pm_kin *kin, struct mm_struct *mm)
{
	struct task_struct *task;

	if (xa_load(&kin->mms, pm_mm_index(mm)))
		return;
	task = pm_task_of(mm);
	if (!task) {
		kin->passing = true;
		return;
	}
	if (pm_is_away(task_tgid(task)) || task_tgid(task) == task_tgid(kin->asked[0].task) ||
	    /* reclaim takes the lock that is held */
	    xa_err(xa_store(&kin->mms, pm_mm_index(mm), task, GFP_ATOMIC))) {
		put_task_struct(task);
		return;
	}
	pm_kin_add(kin, task, NULL);
}

static void pm_kin_object(struct pm_kin *kin, struct address_space *mapping)
{
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && !kin->more; node = rb_next(node))
		pm_kin_meet(kin, rb_entry(node, struct vm_area_struct, shared.rb)->vm_mm);
	i_mmap_unlock_read(mapping);
}

/* All who map what @mm maps. */
static void pm_kin_of_mm(struct pm_kin *kin, struct mm_struct *mm)
{
	struct address_space *last = NULL, *mapping;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, 0); vma && !kin->more; vma = find_vma(mm, vma->vm_end)) {
		if (pm_vma_kind(vma, NULL) != PM_VMA_OBJECT)
			continue;
		/* parts of one object are often neighbours */
		mapping = vma->vm_file->f_mapping;
		if (mapping != last)
			pm_kin_object(kin, mapping);
		last = mapping;
	}
	mmap_read_unlock(mm);
}

static void pm_kin_home(struct pm_kin *kin)
{
	struct mm_struct *mm;
	unsigned int i;

	for (i = 0; i < kin->n; i++) {
		mm = get_task_mm(kin->asked[i].task);
		if (!mm)
			continue;
		if (!i && xa_err(xa_store(&kin->mms, pm_mm_index(mm), kin->asked[0].task,
					  GFP_KERNEL)))
			kin->more = true;
		pm_kin_of_mm(kin, mm);
		mmput(mm);
		cond_resched();
	}
}

struct pm_kin *pm_kin_find(struct task_struct *task, struct pm_proc *proc)
{
	struct pm_kin *kin = kvzalloc(sizeof(*kin), GFP_KERNEL_ACCOUNT);

	if (!kin)
		return NULL;
	xa_init(&kin->mms);
	proc = proc ? pm_proc_get(proc) : pm_proc_find(PM_DEPUTY, task_tgid(task));
	pm_kin_add(kin, get_task_struct(task), proc);
	if (!proc || READ_ONCE(proc->state) != PM_AWAY)
		pm_kin_home(kin);
	else if (READ_ONCE(proc->family))
		pm_kin_away(kin, proc);
	return kin;
}

void pm_asked_release(struct pm_asked *asked)
{
	if (asked->summoned)
		WRITE_ONCE(asked->proc->summoned, false);
	asked->summoned = false;
	if (!asked->held)
		return;
	lockdep_off();
	mutex_unlock(&asked->proc->prep);
	lockdep_on();
	asked->held = false;
}

void pm_kin_free(struct pm_kin *kin)
{
	unsigned int i;

	if (!kin)
		return;
	for (i = 0; i < kin->n; i++) {
		struct pm_asked *asked = &kin->asked[i];

		if (asked->req)
			pm_req_put(asked->req);
		pm_asked_release(asked);
		if (asked->proc)
			pm_proc_put(asked->proc);
		put_task_struct(asked->task);
	}
	xa_destroy(&kin->mms);
	kvfree(kin);
}
