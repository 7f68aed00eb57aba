// SPDX-License-Identifier: GPL-2.0
/* What forbids to move an address space, in sentences. */
#include <linux/delay.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include "space.h"

#define PM_WHY_LEN	160
/* How often to look at shared memory that seems to be open, every half millisecond. */
#define PM_CHECK_TRIES	20

/**
 * struct pm_check - a check in progress
 * @say: called with each reason
 * @arg: handed to @say
 * @group: its address space, and those that move with it
 * @task: of the process
 * @n: reasons found
 * @object: the last object of shared memory that was looked at
 * @shared: what forbids to move it
 * @text: a reason
 */
struct pm_check {
	void (*say)(void *arg, const char *text);
	void *arg;
	struct pm_group group;
	struct task_struct *task;
	int n;
	struct file *object;
	char shared[64];
	char text[PM_WHY_LEN];
};

/*
 * The process runs: its threads may be in calls that hold references for a while. When it has been
 * frozen, that is decided once more.
 */
static void pm_check_closed(struct pm_check *check, struct file *file)
{
	int tries = 0;

	while (pm_object_closed(&check->group, file, check->shared,
				sizeof(check->shared)) == -EBUSY) {
		if (++tries == PM_CHECK_TRIES)
			return;
		usleep_range(500, 1000);
		*check->shared = 0;
	}
}

/* Parts of one object are often neighbours, and to look at all its mappings may take long. */
static const char *pm_check_object(struct pm_check *check, struct vm_area_struct *vma)
{
	if (check->object == vma->vm_file)
		return *check->shared ? check->shared : NULL;
	check->object = vma->vm_file;
	*check->shared = 0;
	pm_check_closed(check, vma->vm_file);
	return *check->shared ? check->shared : NULL;
}

static void pm_check_vma(struct pm_check *check, struct vm_area_struct *vma)
{
	const char *why = NULL;
	char *c;

	if (pm_vma_kind(vma, &why) == PM_VMA_OBJECT)
		why = pm_check_object(check, vma);
	if (!why)
		return;
	if (vma->vm_file)
		scnprintf(check->text, sizeof(check->text), "%s at %lx-%lx: %pD2", why,
			  vma->vm_start, vma->vm_end, vma->vm_file);
	else
		scnprintf(check->text, sizeof(check->text), "%s at %lx-%lx", why, vma->vm_start,
			  vma->vm_end);
	/* a name may have anything in it, and this is a line */
	for (c = check->text; *c; c++)
		if (iscntrl(*c))
			*c = '?';
	check->n++;
	check->say(check->arg, check->text);
}

static void pm_check_mm(struct pm_check *check, struct mm_struct *mm)
{
	if (test_bit(MMF_HAS_UPROBES, &mm->flags)) {
		check->n++;
		check->say(check->arg, "user-space probes (uprobes) are set in its text");
	}
#ifdef CONFIG_MODIFY_LDT_SYSCALL
	if (mm->context.ldt) {
		check->n++;
		check->say(check->arg, "it has a local descriptor table: modify_ldt()");
	}
#endif
}

/**
 * pm_mm_can_move() - what forbids to move the address space of a task
 * @task: the task, a reference is held
 * @mms: address spaces that move with it, by pm_mm_index(), or NULL
 * @party: number of the move for which they have stopped, or 0
 * @say: called with each reason, under mmap_lock: must not touch user memory of @task
 * @arg: handed to @say
 *
 * Context: may sleep, takes mmap_lock for reading.
 * Return: number of reasons; 0 also for a task without an address space.
 */
int pm_mm_can_move(struct task_struct *task, struct xarray *mms, u64 party,
		   void (*say)(void *arg, const char *text), void *arg)
{
	struct pm_check check = {
		.say = say, .arg = arg, .task = task, .group = { .party = party, .mms = mms },
	};
	struct mm_struct *mm = get_task_mm(task);
	struct vm_area_struct *vma;

	if (!mm)
		return 0;
	check.group.mm = mm;
	mmap_read_lock(mm);
	pm_check_mm(&check, mm);
	for (vma = find_vma(mm, 0); vma; vma = find_vma(mm, vma->vm_end))
		pm_check_vma(&check, vma);
	mmap_read_unlock(mm);
	mmput(mm);
	return check.n;
}
