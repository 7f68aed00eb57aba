// SPDX-License-Identifier: GPL-2.0
/*
 * What a process is, apart from its memory and its threads: signal actions, limits, CPU timers.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "compat.h"
#include "image.h"
#include "proc.h"

static int pm_capture_actions(struct pm_enc *enc)
{
	struct pm_img_sigaction *img;
	struct k_sigaction ka;
	int i;

	img = pm_enc_reserve(enc, PM_TAG_SIGACTIONS, _NSIG * sizeof(*img));
	if (!img)
		return enc->err;
	for (i = 0; i < _NSIG; i++) {
		spin_lock_irq(&pm_sighand()->siglock);
		ka = pm_sighand()->action[i];
		spin_unlock_irq(&pm_sighand()->siglock);
		img[i].handler = cpu_to_le64((unsigned long)ka.sa.sa_handler);
		img[i].flags = cpu_to_le64(ka.sa.sa_flags);
		img[i].restorer = cpu_to_le64((unsigned long)ka.sa.sa_restorer);
		img[i].mask = cpu_to_le64(ka.sa.sa_mask.sig[0]);
	}
	return 0;
}

/* As good as none, but nobody sets this one. */
#define PM_LIFTED	(RLIM_INFINITY - 1)

/* What bounds memory holds where that is; the other limits are home's business. */
static const u8 pm_limits[PM_LIMITS] = { RLIMIT_STACK, RLIMIT_DATA, RLIMIT_AS, RLIMIT_MEMLOCK };

/*
 * The limits of current. At home one that may lock memory without limit has none: its surrogate has
 * no privileges.
 */
static void pm_limits_read(struct pm_limit *limits, bool home)
{
	const struct rlimit *rlim = current->signal->rlim;
	const struct cred *cred;
	bool locks;
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < PM_LIMITS; i++) {
		limits[i].cur = cpu_to_le64(rlim[pm_limits[i]].rlim_cur);
		limits[i].max = cpu_to_le64(rlim[pm_limits[i]].rlim_max);
	}
	task_unlock(current->group_leader);
	/* one answer for all threads: there is but one limit */
	rcu_read_lock();
	cred = __task_cred(current->group_leader);
	locks = home && cred->user_ns == &init_user_ns &&
		cap_raised(cred->cap_effective, CAP_IPC_LOCK);
	rcu_read_unlock();
	for (i = 0; locks && i < PM_LIMITS; i++) {
		if (pm_limits[i] == RLIMIT_MEMLOCK) {
			limits[i].max = cpu_to_le64(RLIM_INFINITY);
			limits[i].cur = limits[i].max;
		}
	}
}

static int pm_capture_limits(struct pm_proc *proc, struct pm_enc *enc)
{
	struct pm_limit limits[PM_LIMITS];

	pm_limits_read(limits, proc->role == PM_DEPUTY);
	if (proc->role == PM_DEPUTY)
		memcpy(proc->limits, limits, sizeof(limits));
	return pm_enc_put(enc, PM_TAG_RLIMITS, limits, sizeof(limits));
}

/**
 * pm_limits_tell() - tell the surrogate of limits that have changed, whoever has set them
 * @thread: current's, deputy
 *
 * Context: current. Return: 0 or -EPIPE.
 */
int pm_limits_tell(struct pm_thread *thread)
{
	struct pm_limit limits[PM_LIMITS];
	struct pm_proc *proc = thread->proc;
	bool changed;
	u32 seq = 0;

	pm_limits_read(limits, true);
	spin_lock(&proc->lock);
	changed = memcmp(limits, proc->limits, sizeof(limits));
	if (changed) {
		memcpy(proc->limits, limits, sizeof(limits));
		seq = ++proc->limits_seq;
	}
	spin_unlock(&proc->lock);
	return changed ? pm_chan_send(thread->chan, PM_MSG_LIMITS, seq, limits, sizeof(limits),
				      NULL, 0) : 0;
}

/* Under task_lock() of the first thread. */
static void pm_limits_set(const struct pm_limit *limits)
{
	struct rlimit *rlim = current->signal->rlim;
	int i;

	for (i = 0; i < PM_LIMITS; i++) {
		rlim[pm_limits[i]].rlim_cur = le64_to_cpu(limits[i].cur);
		rlim[pm_limits[i]].rlim_max = le64_to_cpu(limits[i].max);
	}
}

/**
 * pm_limits_hear() - the deputy has told of limits
 * @proc: process of current, surrogate
 * @buf: the message, not checked yet
 *
 * Context: current. Return: 0 or -EPROTO.
 */
int pm_limits_hear(struct pm_proc *proc, const struct pm_buf *buf)
{
	if (buf->len != PM_LIMITS * sizeof(struct pm_limit))
		return -EPROTO;
	task_lock(current->group_leader);
	/* another thread's channel may be faster */
	if ((s32)(buf->seq - proc->limits_seq) > 0) {
		proc->limits_seq = buf->seq;
		pm_limits_set((const void *)buf->data);
	}
	task_unlock(current->group_leader);
	return 0;
}

/**
 * pm_limits_lift() - no limits of memory for a while, for current's process
 * @lifted: what they were
 *
 * Context: current, at home, its other threads parked. pm_limits_lower() in any case.
 */
void pm_limits_lift(struct pm_lifted *lifted)
{
	struct rlimit *rlim = current->signal->rlim;
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < PM_LIMITS; i++) {
		lifted->soft[i] = rlim[pm_limits[i]].rlim_cur;
		if (pm_limits[i] != RLIMIT_STACK)
			rlim[pm_limits[i]].rlim_cur = PM_LIFTED;
	}
	task_unlock(current->group_leader);
}

/**
 * pm_limits_lower() - the limits are again what they were
 * @lifted: of pm_limits_lift()
 *
 * One that somebody else has set meanwhile stays. Context: as pm_limits_lift().
 */
void pm_limits_lower(const struct pm_lifted *lifted)
{
	struct rlimit *rlim = current->signal->rlim;
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < PM_LIMITS; i++)
		if (rlim[pm_limits[i]].rlim_cur == PM_LIFTED)
			rlim[pm_limits[i]].rlim_cur = lifted->soft[i];
	task_unlock(current->group_leader);
}

/**
 * pm_state_capture_proc() - describe the process of current
 * @proc: the process
 * @enc: where to
 *
 * Context: current at its boundary to user mode, all other threads too. Changes nothing.
 * Return: 0, -ENOMEM.
 */
int pm_state_capture_proc(struct pm_proc *proc, struct pm_enc *enc)
{
	struct pm_img_proc img;
	int i, err;

	pm_clocks_capture(img.clocks);
	for (i = 0; i < PM_CPU_WORDS; i++)
		img.cpu_seen[i] = cpu_to_le32(proc->cpu_seen[i]);
	err = pm_enc_put(enc, PM_TAG_PROC, &img, sizeof(img));
	err = err ?: pm_capture_limits(proc, enc);
	err = err ?: pm_capture_actions(enc);
	return err ?: pm_cputimers_capture(enc);
}

/* To set an action drops pending signals that it ignores, which is for the program to do. */
static bool pm_action_is(int sig, const struct k_sigaction *ka)
{
	bool same;

	spin_lock_irq(&pm_sighand()->siglock);
	same = !memcmp(&pm_sighand()->action[sig - 1].sa, &ka->sa, sizeof(ka->sa));
	spin_unlock_irq(&pm_sighand()->siglock);
	return same;
}

/*
 * The action of a signal that the kernel has forced, and that is about to end the process whatever
 * it says, cannot be set any more (SA_IMMUTABLE): it does not matter.
 */
static void pm_restore_actions(const struct pm_img_sigaction *img)
{
	struct k_sigaction ka = {};
	int i;

	for (i = 0; i < _NSIG; i++) {
		if (sig_kernel_only(i + 1))
			continue;
		ka.sa.sa_handler = (__sighandler_t)(unsigned long)le64_to_cpu(img[i].handler);
		ka.sa.sa_flags = le64_to_cpu(img[i].flags);
		ka.sa.sa_restorer = (__sigrestore_t)(unsigned long)le64_to_cpu(img[i].restorer);
		ka.sa.sa_mask.sig[0] = le64_to_cpu(img[i].mask);
		if (!pm_action_is(i + 1, &ka))
			pm_sigaction(i + 1, &ka, NULL);
	}
}

/* Nothing else limits a surrogate, but that it leaves no core. */
static void pm_restore_limits(const struct pm_limit *limits)
{
	struct rlimit *rlim = current->signal->rlim;
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_CORE] = (struct rlimit){ 0, 0 };
	pm_limits_set(limits);
	task_unlock(current->group_leader);
}

static void pm_restore_proc(struct pm_proc *proc, const struct pm_img_proc *img)
{
	int i;

	for (i = 0; i < PM_CLOCKS; i++)
		proc->clocks[i] = le64_to_cpu(img->clocks[i]);
	/* home knows better */
	if (proc->role == PM_DEPUTY)
		return;
	for (i = 0; i < PM_CPU_WORDS; i++)
		proc->cpu_seen[i] = le32_to_cpu(img->cpu_seen[i]);
}

/**
 * pm_state_restore_proc() - take one record of an image
 * @proc: process of current
 * @tag: of the record
 * @data: its content, from the peer
 * @len: bytes of it
 *
 * Context: current; what belongs to home only (limits) is ignored there.
 * Return: 0, -EPROTO, -ENOMEM.
 */
int pm_state_restore_proc(struct pm_proc *proc, u32 tag, const void *data, size_t len)
{
	bool remote = proc->role == PM_SURROGATE;

	switch (tag) {
	case PM_TAG_PROC:
		if (len != sizeof(struct pm_img_proc))
			return -EPROTO;
		pm_restore_proc(proc, data);
		return 0;
	case PM_TAG_RLIMITS:
		if (len != PM_LIMITS * sizeof(struct pm_limit))
			return -EPROTO;
		if (remote)
			pm_restore_limits(data);
		return 0;
	case PM_TAG_SIGACTIONS:
		if (len != _NSIG * sizeof(struct pm_img_sigaction))
			return -EPROTO;
		pm_restore_actions(data);
		return 0;
	case PM_TAG_CPUTIMERS:
		return pm_cputimers_restore(data, len);
	default:
		return -EPROTO;
	}
}
