// SPDX-License-Identifier: GPL-2.0
/*
 * What the processor holds for a thread: general registers, segments, extended state, TLS.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/delay.h>
#include <linux/elf.h>
#include <linux/regset.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <asm/fpu/xstate.h>
#include <asm/segment.h>
#include <asm/user.h>
#include "compat.h"
#include "image.h"
#include "proc.h"

/* Of its own: those who wait for a move fill others. */
static struct workqueue_struct *pm_regs_wq;

/* A regset of a 64-bit program, while it runs 32-bit code too. @task is current, or sleeps. */
static const struct user_regset *pm_regset(struct task_struct *task, unsigned int note)
{
	struct pt_regs *regs = task_pt_regs(task);
	const struct user_regset_view *view;
	unsigned long cs = regs->cs;
	unsigned int i;

	regs->cs = __USER_CS;
	view = task_user_regset_view(task);
	regs->cs = cs;
	for (i = 0; i < view->n; i++)
		if (view->regsets[i].core_note_type == note)
			return &view->regsets[i];
	return NULL;
}

void pm_regs_to_wire(struct pm_wire_regs *wire, const struct pt_regs *regs)
{
	wire->r15 = cpu_to_le64(regs->r15);
	wire->r14 = cpu_to_le64(regs->r14);
	wire->r13 = cpu_to_le64(regs->r13);
	wire->r12 = cpu_to_le64(regs->r12);
	wire->bp = cpu_to_le64(regs->bp);
	wire->bx = cpu_to_le64(regs->bx);
	wire->r11 = cpu_to_le64(regs->r11);
	wire->r10 = cpu_to_le64(regs->r10);
	wire->r9 = cpu_to_le64(regs->r9);
	wire->r8 = cpu_to_le64(regs->r8);
	wire->ax = cpu_to_le64(regs->ax);
	wire->cx = cpu_to_le64(regs->cx);
	wire->dx = cpu_to_le64(regs->dx);
	wire->si = cpu_to_le64(regs->si);
	wire->di = cpu_to_le64(regs->di);
	wire->orig_ax = cpu_to_le64(regs->orig_ax);
	wire->ip = cpu_to_le64(regs->ip);
	wire->cs = cpu_to_le64(regs->cs);
	wire->flags = cpu_to_le64(regs->flags);
	wire->sp = cpu_to_le64(regs->sp);
	wire->ss = cpu_to_le64(regs->ss);
}

#define PM_USER_FLAGS (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
		       X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
		       X86_EFLAGS_RF | X86_EFLAGS_AC | X86_EFLAGS_ID)

void pm_regs_from_wire(struct pt_regs *regs, const struct pm_wire_regs *wire)
{
	regs->r15 = le64_to_cpu(wire->r15);
	regs->r14 = le64_to_cpu(wire->r14);
	regs->r13 = le64_to_cpu(wire->r13);
	regs->r12 = le64_to_cpu(wire->r12);
	regs->bp = le64_to_cpu(wire->bp);
	regs->bx = le64_to_cpu(wire->bx);
	regs->r11 = le64_to_cpu(wire->r11);
	regs->r10 = le64_to_cpu(wire->r10);
	regs->r9 = le64_to_cpu(wire->r9);
	regs->r8 = le64_to_cpu(wire->r8);
	regs->ax = le64_to_cpu(wire->ax);
	regs->cx = le64_to_cpu(wire->cx);
	regs->dx = le64_to_cpu(wire->dx);
	regs->si = le64_to_cpu(wire->si);
	regs->di = le64_to_cpu(wire->di);
	regs->orig_ax = le64_to_cpu(wire->orig_ax);
	regs->ip = le64_to_cpu(wire->ip);
	regs->sp = le64_to_cpu(wire->sp);
	/* what decides over privilege is never the peer's choice */
	regs->cs = le64_to_cpu(wire->cs) == __USER32_CS ? __USER32_CS : __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = (le64_to_cpu(wire->flags) & PM_USER_FLAGS) | X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

bool pm_code_plain(const struct pt_regs *regs)
{
	return regs->cs == __USER_CS || regs->cs == __USER32_CS;
}

/* None, or the flat one; any other is of use only with a table of the program's own. */
static u16 pm_selector(u16 selector)
{
	return selector <= SEGMENT_RPL_MASK || selector == __USER_DS ? selector : 0;
}

void pm_segments_capture(struct pm_img_thread *img)
{
	u16 ds, es, fs, gs;

	savesegment(ds, ds);
	savesegment(es, es);
	savesegment(fs, fs);
	savesegment(gs, gs);
	img->ds = cpu_to_le16(ds);
	img->es = cpu_to_le16(es);
	img->fs = cpu_to_le16(fs);
	img->gs = cpu_to_le16(gs);
}

void pm_segments_restore(const struct pm_img_thread *img)
{
	loadsegment(ds, pm_selector(le16_to_cpu(img->ds)));
	loadsegment(es, pm_selector(le16_to_cpu(img->es)));
}

/**
 * pm_xstate_capture() - the extended state of current
 * @enc: gets it as a record
 * @img: gets the segment bases
 *
 * Context: sleeps. Return: 0, -ENOMEM, -EOPNOTSUPP.
 */
int pm_xstate_capture(struct pm_enc *enc, struct pm_img_thread *img)
{
	const struct user_regset *xstate = pm_regset(current, NT_X86_XSTATE);
	const struct user_regset *general = pm_regset(current, NT_PRSTATUS);
	struct user_regs_struct *user;
	struct membuf buf;
	size_t size;
	void *data;
	int ret;

	if (!xstate || !general || xstate->n * xstate->size > PM_MAX_XSTATE)
		return -EOPNOTSUPP;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		return -ENOMEM;
	buf = (struct membuf){ .p = user, .left = sizeof(*user) };
	ret = general->regset_get(current, general, buf);
	img->fsbase = cpu_to_le64(user->fs_base);
	img->gsbase = cpu_to_le64(user->gs_base);
	kfree(user);
	if (ret < 0)
		return ret;
	size = xstate->n * xstate->size;
	data = pm_enc_reserve(enc, PM_TAG_XSTATE, size);
	if (!data)
		return enc->err;
	/* for the task that runs the register is true, not what it was at the last switch */
	if (cpu_feature_enabled(X86_FEATURE_OSPKE))
		current->thread.pkru = rdpkru();
	buf = (struct membuf){ .p = data, .left = size };
	ret = xstate->regset_get(current, xstate, buf);
	return ret < 0 ? ret : 0;
}

/*
 * Extended state and segment bases can be written only from outside, to a task that is off its CPU:
 * on current the regset code would save the live registers over what it wrote.
 */
struct pm_xset {
	struct work_struct work;
	struct task_struct *task;
	const void *xstate;
	u64 bases[2];
	u16 selectors[2];
	int err;
};

static void pm_xset_worker(struct work_struct *work)
{
	struct pm_xset *set = container_of(work, struct pm_xset, work);
	const struct user_regset *xstate;

	/* it is on its way into flush_work(), perhaps on this very processor */
	while (!pm_wait_task_inactive(set->task, TASK_UNINTERRUPTIBLE))
		usleep_range(10, 50);
	xstate = pm_regset(set->task, NT_X86_XSTATE);
	set->err = xstate->set(set->task, xstate, 0, xstate->n * xstate->size, set->xstate, NULL);
	set->task->thread.fsindex = set->selectors[0];
	set->task->thread.gsindex = set->selectors[1];
	/* as the instructions of the program set them, which know no end of user space */
	set->task->thread.fsbase = set->bases[0];
	set->task->thread.gsbase = set->bases[1];
}

/**
 * pm_xstate_restore() - give current the extended state of the image
 * @img: the thread, for the segment bases and their selectors
 * @from: its record
 * @len: bytes of that; a shorter one leaves the rest as it is after boot
 *
 * Context: sleeps. Return: 0, -EPROTO, -ENOMEM, -EOPNOTSUPP, -EINVAL of the regset.
 */
int pm_xstate_restore(const struct pm_img_thread *img, const void *from, size_t len)
{
	const struct user_regset *xstate = pm_regset(current, NT_X86_XSTATE);
	size_t size = xstate ? xstate->n * xstate->size : 0;
	struct pm_xset set = {
		.task = current,
		.bases = { le64_to_cpu(img->fsbase), le64_to_cpu(img->gsbase) },
		.selectors = {
			pm_selector(le16_to_cpu(img->fs)), pm_selector(le16_to_cpu(img->gs)),
		},
	};
	void *data;

	if (!size)
		return -EOPNOTSUPP;
	/* what the processor would not take */
	if (!__is_canonical_address(set.bases[0], __VIRTUAL_MASK_SHIFT + 1) ||
	    !__is_canonical_address(set.bases[1], __VIRTUAL_MASK_SHIFT + 1))
		return -EPROTO;
	/* without the instructions the kernel tells its own base from the program's by the sign */
	if (!cpu_feature_enabled(X86_FEATURE_FSGSBASE) &&
	    (set.bases[0] >= TASK_SIZE_MAX || set.bases[1] >= TASK_SIZE_MAX))
		return -EOPNOTSUPP;
	data = kvzalloc(size, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	/* a component that this machine lacks is refused by the regset's own check */
	memcpy(data, from, min(size, len));
	set.xstate = data;
	INIT_WORK_ONSTACK(&set.work, pm_xset_worker);
	queue_work(pm_regs_wq, &set.work);
	flush_work(&set.work);
	destroy_work_on_stack(&set.work);
	kvfree(data);
	return set.err;
}

int pm_regs_init(void)
{
	pm_regs_wq = alloc_workqueue("procmig-regs", WQ_UNBOUND, 0);
	return pm_regs_wq ? 0 : -ENOMEM;
}

void pm_regs_exit(void)
{
	destroy_workqueue(pm_regs_wq);
}
