// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread is, apart from its memory: registers, extended state, TLS, signal mask and
 * stack, the addresses that user space has registered with the kernel, who it is.
 *
 * Registers travel as they are at the boundary to user mode, an interrupted system call
 * included (-ERESTART* in ax, the number in orig_ax): the kernel of the destination decides,
 * with the signals that are pending there, whether it is restarted, as it would have done here.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/elf.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <linux/workqueue.h>
#include <asm/fpu/xstate.h>
#include <asm/segment.h>
#include <asm/syscall.h>
#include <asm/user.h>
#include "compat.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "proc.h"

#define PM_MAX_XSTATE	(64 * 1024)

/* kernel/futex/futex.h: FLAGS_CLOCKRT */
#define PM_FUTEX_REALTIME	0x02

/* One of the regsets of a 64-bit program, while it runs 32-bit code too. @task is current, or sleeps. */
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
#define PM_REG(reg) (wire->reg = cpu_to_le64(regs->reg))
	PM_REG(r15); PM_REG(r14); PM_REG(r13); PM_REG(r12); PM_REG(bp); PM_REG(bx);
	PM_REG(r11); PM_REG(r10); PM_REG(r9); PM_REG(r8); PM_REG(ax); PM_REG(cx);
	PM_REG(dx); PM_REG(si); PM_REG(di); PM_REG(orig_ax); PM_REG(ip); PM_REG(cs);
	PM_REG(flags); PM_REG(sp); PM_REG(ss);
#undef PM_REG
}

#define PM_USER_FLAGS (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
		       X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
		       X86_EFLAGS_RF | X86_EFLAGS_AC | X86_EFLAGS_ID)

void pm_regs_from_wire(struct pt_regs *regs, const struct pm_wire_regs *wire)
{
#define PM_REG(reg) (regs->reg = le64_to_cpu(wire->reg))
	PM_REG(r15); PM_REG(r14); PM_REG(r13); PM_REG(r12); PM_REG(bp); PM_REG(bx);
	PM_REG(r11); PM_REG(r10); PM_REG(r9); PM_REG(r8); PM_REG(ax); PM_REG(cx);
	PM_REG(dx); PM_REG(si); PM_REG(di); PM_REG(orig_ax); PM_REG(ip); PM_REG(sp);
#undef PM_REG
	/* what decides over privilege is never the peer's choice */
	regs->cs = le64_to_cpu(wire->cs) == __USER32_CS ? __USER32_CS : __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = (le64_to_cpu(wire->flags) & PM_USER_FLAGS) | X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

/* Is it one that needs no table of the program's own, and may be loaded by anybody? */
static bool pm_selector_plain(u16 selector)
{
	return selector <= SEGMENT_RPL_MASK || selector == __USER_DS;
}

/* Where 32-bit code finds its data. Return: 0 or -EOPNOTSUPP. */
static int pm_capture_segments(struct pm_img_thread *img, const struct pt_regs *regs)
{
	u16 ds, es;

	savesegment(ds, ds);
	savesegment(es, es);
	if (regs->cs != __USER_CS && regs->cs != __USER32_CS)
		return -EOPNOTSUPP;
	if (regs->ss != __USER_DS || !pm_selector_plain(ds) || !pm_selector_plain(es))
		return -EOPNOTSUPP;
	img->ds = cpu_to_le16(ds);
	img->es = cpu_to_le16(es);
	return 0;
}

static void pm_restore_segments(const struct pm_img_thread *img)
{
	u16 ds = le16_to_cpu(img->ds), es = le16_to_cpu(img->es);

	loadsegment(ds, pm_selector_plain(ds) ? ds : 0);
	loadsegment(es, pm_selector_plain(es) ? es : 0);
}

/* The time of a monotonic wait is the kernel's; the program's clock may be offset from it. */
static void pm_futex_offset(u32 flags, struct timespec64 *offset)
{
	if (!(flags & PM_FUTEX_REALTIME))
		timens_add_monotonic(offset);
}

static void pm_capture_restart(struct pm_thread *thread, struct pm_img_thread *img,
			       const struct pt_regs *regs)
{
	const struct restart_block *block = &current->restart_block;
	struct timespec64 offset = {};

	int nr = thread->restart_nr;

	/*
	 * A block that no restart_syscall will ever use may be left over from earlier; it does
	 * no harm. Which of the two sleeps it was shows in where its rmtp stands.
	 */
	if (nr >= 0) {
		img->restart = cpu_to_le32(PM_RESTART_HOME);
	} else if (pm_restart_is_futex(block)) {
		pm_futex_offset(block->futex.flags, &offset);
		img->restart = cpu_to_le32(PM_RESTART_FUTEX);
		img->futex_uaddr = cpu_to_le64((unsigned long)block->futex.uaddr);
		img->futex_val = cpu_to_le32(block->futex.val);
		img->futex_flags = cpu_to_le32(block->futex.flags);
		img->futex_bitset = cpu_to_le32(block->futex.bitset);
		img->futex_time = cpu_to_le64(block->futex.time + timespec64_to_ns(&offset));
	} else if (pm_restart_is_poll(block)) {
		nr = __NR_poll;
	} else if (pm_restart_is_sleep(block)) {
		nr = (unsigned long)block->nanosleep.rmtp == regs->si ? __NR_nanosleep :
									__NR_clock_nanosleep;
	}
	img->restart_nr = cpu_to_le32(nr);
}

static int pm_capture_xstate(struct pm_enc *enc, struct pm_img_thread *img)
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

void pm_state_identity(struct pm_thread *thread, struct pm_img_identity *img)
{
	bool filtered = thread->proc->role == PM_SURROGATE ? thread->filtered :
			!!test_syscall_work(SECCOMP);

	*img = (struct pm_img_identity){
		.uid = cpu_to_le32(from_kuid_munged(&init_user_ns, current_uid())),
		.gid = cpu_to_le32(from_kgid_munged(&init_user_ns, current_gid())),
		.nice = cpu_to_le32(task_nice(current)),
		.personality = cpu_to_le32(current->personality),
		.seccomp = cpu_to_le32(filtered),
	};
	pm_affinity_get(thread, img->cpus);
}

/**
 * pm_state_capture() - describe current
 * @thread: current's
 * @enc: where to; what it held is freed
 *
 * Context: current at its boundary to user mode. Changes nothing but a temporary signal mask, which
 * the restarted call will set again.
 * Return: 0, -ENOMEM, -EOPNOTSUPP.
 */
int pm_state_capture(struct pm_thread *thread, struct pm_enc *enc)
{
	struct pt_regs *regs = current_pt_regs();
	__le64 tid = cpu_to_le64(thread->tid);
	struct pm_img_identity identity;
	struct pm_img_thread img = {};
	int err;

	pm_enc_free(enc);
	if (pm_fault(PM_FAULT_CAPTURE_STATE))
		return -ENOMEM;
	err = pm_capture_segments(&img, regs);
	if (err)
		return err;
	/* the number that restarts it is another one for 32-bit calls */
	if (in_ia32_syscall() && (long)regs->orig_ax >= 0 &&
	    (long)regs->ax == -ERESTART_RESTARTBLOCK)
		return -EOPNOTSUPP;
	if (test_and_clear_restore_sigmask())
		pm_set_blocked(&current->saved_sigmask);
	pm_wait_back(&thread->wait, regs);
	pm_regs_to_wire(&img.regs, regs);
	pm_capture_restart(thread, &img, regs);
	img.mask = cpu_to_le64(current->blocked.sig[0]);
	img.altstack_sp = cpu_to_le64(current->sas_ss_sp);
	img.altstack_size = cpu_to_le64(current->sas_ss_size);
	img.altstack_flags = cpu_to_le32(current->sas_ss_flags);
	img.robust_list = cpu_to_le64((unsigned long)current->robust_list);
	img.clear_child_tid = cpu_to_le64((unsigned long)current->clear_child_tid);
	img.rseq = cpu_to_le64((unsigned long)current->rseq);
	img.rseq_sig = cpu_to_le32(current->rseq_sig);
	if (thread->wait.again && (long)regs->ax == -ERESTARTNOHAND)
		img.part = cpu_to_le64(thread->wait.done);
	memcpy(img.comm, current->comm, sizeof(img.comm));

	err = pm_enc_put(enc, PM_TAG_TASK, &tid, sizeof(tid));
	pm_state_identity(thread, &identity);
	err = err ?: pm_enc_put(enc, PM_TAG_IDENTITY, &identity, sizeof(identity));
	err = err ?: pm_capture_xstate(enc, &img);
	return err ?: pm_enc_put(enc, PM_TAG_THREAD, &img, sizeof(img));
}

/** struct pm_arriving - records of a thread that is being restored */
struct pm_arriving {
	const struct pm_img_thread *thread;
	const void *xstate;
	size_t xsize;
};

/*
 * Extended state and segment bases can be written only from outside, to a task that is off its CPU:
 * on current the regset code would save the live registers over what it wrote.
 */
struct pm_xset {
	struct work_struct work;
	struct task_struct *task;
	const void *xstate;
	u64 bases[2];
	int err;
};

static void pm_xset_worker(struct work_struct *work)
{
	struct pm_xset *set = container_of(work, struct pm_xset, work);
	const struct user_regset *xstate = pm_regset(set->task, NT_X86_XSTATE);

	/* it is on its way into flush_work(), perhaps on this very processor */
	while (!pm_wait_task_inactive(set->task, TASK_UNINTERRUPTIBLE))
		usleep_range(10, 50);
	set->err = xstate->set(set->task, xstate, 0, xstate->n * xstate->size, set->xstate, NULL);
	/* as the instructions of the program set them, which know no end of user space */
	set->task->thread.fsbase = set->bases[0];
	set->task->thread.gsbase = set->bases[1];
}

static int pm_restore_xstate(const struct pm_arriving *state)
{
	const struct user_regset *xstate = pm_regset(current, NT_X86_XSTATE);
	size_t size = xstate ? xstate->n * xstate->size : 0;
	struct pm_xset set = {
		.task = current,
		.bases = { le64_to_cpu(state->thread->fsbase), le64_to_cpu(state->thread->gsbase) },
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
	memcpy(data, state->xstate, min(size, state->xsize));
	set.xstate = data;
	INIT_WORK_ONSTACK(&set.work, pm_xset_worker);
	queue_work(system_unbound_wq, &set.work);
	flush_work(&set.work);
	destroy_work_on_stack(&set.work);
	kvfree(data);
	return set.err;
}

static void pm_restore_restart(struct pm_thread *thread, const struct pm_img_thread *img)
{
	struct restart_block *block = &current->restart_block;
	struct timespec64 offset = {};

	thread->restart_nr = le32_to_cpu(img->restart_nr);
	if (le32_to_cpu(img->restart) != PM_RESTART_FUTEX)
		return;
	pm_futex_offset(le32_to_cpu(img->futex_flags), &offset);
	pm_restart_set_futex(block);
	block->arch_data = 0;
	block->futex.uaddr = (u32 __user *)(unsigned long)le64_to_cpu(img->futex_uaddr);
	block->futex.val = le32_to_cpu(img->futex_val);
	block->futex.flags = le32_to_cpu(img->futex_flags);
	block->futex.bitset = le32_to_cpu(img->futex_bitset);
	block->futex.time = le64_to_cpu(img->futex_time) - timespec64_to_ns(&offset);
}

/*
 * A surrogate bears its owner's ids, so that administrators see whose it is, and has no
 * privilege: what the program may do is decided at home.
 */
int pm_restore_identity(struct pm_thread *thread, const struct pm_img_identity *img)
{
	kuid_t uid = make_kuid(&init_user_ns, le32_to_cpu(img->uid));
	kgid_t gid = make_kgid(&init_user_ns, le32_to_cpu(img->gid));
	struct group_info *groups;
	struct cred *cred;

	thread->filtered = le32_to_cpu(img->seccomp);
	if (!uid_valid(uid) || !gid_valid(gid))
		return -EPROTO;
	groups = groups_alloc(0);
	if (!groups)
		return -ENOMEM;
	cred = prepare_creds();
	if (!cred) {
		put_group_info(groups);
		return -ENOMEM;
	}
	cred->uid = cred->euid = cred->suid = cred->fsuid = uid;
	cred->gid = cred->egid = cred->sgid = cred->fsgid = gid;
	set_groups(cred, groups);
	put_group_info(groups);
	cap_clear(cred->cap_inheritable);
	cap_clear(cred->cap_permitted);
	cap_clear(cred->cap_effective);
	cap_clear(cred->cap_bset);
	cap_clear(cred->cap_ambient);
	commit_creds(cred);
	task_set_no_new_privs(current);
	set_user_nice(current, clamp_t(int, le32_to_cpu(img->nice), MIN_NICE, MAX_NICE));
	current->personality = le32_to_cpu(img->personality);
	pm_affinity_set(thread, current, img->cpus);
	return 0;
}

/**
 * pm_state_restore_identity() - be who the image says
 * @thread: current's, of a surrogate
 * @part: its part of the image
 *
 * Return: 0, -EPROTO, -ENOMEM.
 */
int pm_state_restore_identity(struct pm_thread *thread, struct pm_dec part)
{
	const void *data;
	size_t len;
	u32 tag;

	while (pm_dec_next(&part, &tag, &data, &len))
		if (tag == PM_TAG_IDENTITY)
			return len == sizeof(struct pm_img_identity) ?
			       pm_restore_identity(thread, data) : -EPROTO;
	return -EPROTO;
}

static int pm_find_records(struct pm_arriving *state, struct pm_dec *part)
{
	const void *data;
	size_t len;
	u32 tag;

	while (pm_dec_next(part, &tag, &data, &len)) {
		switch (tag) {
		case PM_TAG_IDENTITY:
			break;
		case PM_TAG_THREAD:
			if (len != sizeof(struct pm_img_thread) || state->thread)
				return -EPROTO;
			state->thread = data;
			break;
		case PM_TAG_XSTATE:
			if (len > PM_MAX_XSTATE || len < FXSAVE_SIZE || state->xstate)
				return -EPROTO;
			state->xstate = data;
			state->xsize = len;
			break;
		default:
			return -EPROTO;
		}
	}
	return part->err ?: state->thread && state->xstate ? 0 : -EPROTO;
}

/**
 * pm_state_restore() - become the thread of the image
 * @thread: current's
 * @part: its part of the image
 *
 * Context: current, in a task work: the boundary to user mode is still ahead, where the
 * kernel handles the restart of an interrupted call and rseq.
 * Return: 0, or an error with the registers as they were.
 */
int pm_state_restore(struct pm_thread *thread, struct pm_dec *part)
{
	struct pm_arriving state = {};
	const struct pm_img_thread *img;
	struct pt_regs *regs = current_pt_regs();
	char comm[TASK_COMM_LEN];
	sigset_t mask = {};
	int err = pm_find_records(&state, part);

	if (err)
		return err;
	img = state.thread;
	if (!pm_wait_sane(img))
		return -EPROTO;
	if (pm_fault(PM_FAULT_RESTORE_STATE))
		return -ENOMEM;
	err = pm_restore_xstate(&state);
	if (err)
		return err;
	mask.sig[0] = le64_to_cpu(img->mask);
	pm_set_blocked(&mask);
	thread->home_mask = current->blocked.sig[0];
	current->sas_ss_sp = le64_to_cpu(img->altstack_sp);
	current->sas_ss_size = le64_to_cpu(img->altstack_size);
	current->sas_ss_flags = le32_to_cpu(img->altstack_flags);
	current->robust_list = (void __user *)(unsigned long)le64_to_cpu(img->robust_list);
	current->clear_child_tid = (void __user *)(unsigned long)le64_to_cpu(img->clear_child_tid);
	current->rseq = (void __user *)(unsigned long)le64_to_cpu(img->rseq);
	current->rseq_sig = le32_to_cpu(img->rseq_sig);
	rseq_migrate(current);
	/* the name at home is the true one */
	if (thread->proc->role == PM_SURROGATE) {
		strscpy(comm, (const char *)img->comm, sizeof(comm));
		pm_set_comm(current, comm);
	}
	pm_restore_restart(thread, img);
	pm_regs_from_wire(regs, &img->regs);
	pm_restore_segments(img);
	if (img->part)
		pm_wait_part(&thread->wait, regs, le64_to_cpu(img->part));
	else if (thread->wait.done)
		thread->wait.again = false;
	/* the restart block at home has pointed into the scratch area, not into the program */
	if (thread->proc->role == PM_DEPUTY) {
		if (thread->restart_nr >= 0)
			pm_restart_native(thread->restart_nr, &img->regs);
		thread->restart_nr = -1;
	}
	/* let the kernel look at the interrupted call that the registers may stand in */
	set_thread_flag(TIF_NOTIFY_SIGNAL);
	return 0;
}

void pm_state_park(void)
{
	current->rseq = NULL;
	current->robust_list = NULL;
	current->clear_child_tid = NULL;
}
