// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread is, apart from its memory: what the processor holds for it, signal mask and
 * stack, the addresses that user space has registered with the kernel, who it is.
 *
 * Registers travel as they are at the boundary to user mode, an interrupted system call
 * included (-ERESTART* in ax, the number in orig_ax): the kernel of the destination decides,
 * with the signals that are pending there, whether it is restarted, as it would have done here.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <asm/fpu/xstate.h>
#include <asm/syscall.h>
#include "compat.h"
#include "fault.h"
#include "image.h"
#include "link.h"
#include "proc.h"

/* kernel/futex/futex.h: FLAGS_CLOCKRT */
#define PM_FUTEX_REALTIME	0x02

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
	} else if (block->arch_data & TS_COMPAT) {
		/* a 32-bit call, that is restarted at home: its block stays */
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

static void pm_state_identity(struct pm_thread *thread, struct pm_img_identity *img)
{
	bool filtered = thread->proc->role == PM_SURROGATE ? thread->filtered :
			!!test_syscall_work(SECCOMP);

	*img = (struct pm_img_identity){
		.uid = cpu_to_le32(from_kuid_munged(&init_user_ns, current_uid())),
		.gid = cpu_to_le32(from_kgid_munged(&init_user_ns, current_gid())),
		.personality = cpu_to_le32(current->personality),
		.seccomp = cpu_to_le32(filtered),
	};
	pm_sched_get(thread, &img->sched);
}

/**
 * pm_state_capture() - describe current
 * @thread: current's
 * @enc: where to; what it held is freed
 *
 * Context: current at its boundary to user mode. Changes nothing but a temporary signal mask, which
 * the restarted call will set again.
 * Return: 0, -ENOMEM, -EOPNOTSUPP, -EBUSY.
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
	/* with a table of its own it stays; elsewhere another is a fault that it is to die of */
	if (thread->proc->role == PM_DEPUTY && !pm_code_plain(regs))
		return -EOPNOTSUPP;
	/* the number that restarts it is another one for 32-bit calls; it may be over soon */
	if (in_ia32_syscall() && (long)regs->orig_ax >= 0 &&
	    (long)regs->ax == -ERESTART_RESTARTBLOCK)
		return -EBUSY;
	if (test_and_clear_restore_sigmask())
		pm_set_blocked(&current->saved_sigmask);
	pm_wait_back(&thread->wait, regs);
	pm_regs_to_wire(&img.regs, regs);
	pm_segments_capture(&img);
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
	err = err ?: pm_xstate_capture(enc, &img);
	return err ?: pm_enc_put(enc, PM_TAG_THREAD, &img, sizeof(img));
}

/** struct pm_arriving - records of a thread that is being restored */
struct pm_arriving {
	const struct pm_img_thread *thread;
	const void *xstate;
	size_t xsize;
};

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
static int pm_restore_identity(struct pm_thread *thread, const struct pm_img_identity *img)
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
	cred->uid = uid;
	cred->euid = uid;
	cred->suid = uid;
	cred->fsuid = uid;
	cred->gid = gid;
	cred->egid = gid;
	cred->sgid = gid;
	cred->fsgid = gid;
	set_groups(cred, groups);
	put_group_info(groups);
	cap_clear(cred->cap_inheritable);
	cap_clear(cred->cap_permitted);
	cap_clear(cred->cap_effective);
	cap_clear(cred->cap_bset);
	cap_clear(cred->cap_ambient);
	commit_creds(cred);
	task_set_no_new_privs(current);
	current->personality = le32_to_cpu(img->personality);
	pm_sched_set(thread, &img->sched);
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
	err = pm_xstate_restore(img, state.xstate, state.xsize);
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
	pm_segments_restore(img);
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
