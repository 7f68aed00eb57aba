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

static int pm_capture_limits(struct pm_enc *enc)
{
	struct pm_range limits[RLIM_NLIMITS];
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++) {
		limits[i].start = cpu_to_le64(current->signal->rlim[i].rlim_cur);
		limits[i].end = cpu_to_le64(current->signal->rlim[i].rlim_max);
	}
	task_unlock(current->group_leader);
	return pm_enc_put(enc, PM_TAG_RLIMITS, limits, sizeof(limits));
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
	err = err ?: pm_capture_limits(enc);
	err = err ?: pm_capture_actions(enc);
	return err ?: pm_cputimers_capture(enc);
}

static int pm_restore_actions(const struct pm_img_sigaction *img)
{
	struct k_sigaction ka = {};
	int i, err;

	for (i = 0; i < _NSIG; i++) {
		if (sig_kernel_only(i + 1))
			continue;
		ka.sa.sa_handler = (__sighandler_t)(unsigned long)le64_to_cpu(img[i].handler);
		ka.sa.sa_flags = le64_to_cpu(img[i].flags);
		ka.sa.sa_restorer = (__sigrestore_t)(unsigned long)le64_to_cpu(img[i].restorer);
		ka.sa.sa_mask.sig[0] = le64_to_cpu(img[i].mask);
		err = pm_sigaction(i + 1, &ka, NULL);
		if (err)
			return err;
	}
	return 0;
}

void pm_limit_set(unsigned int which, const struct rlimit *limit)
{
	struct rlimit *mine = &current->signal->rlim[which];

	switch (which) {
	case RLIMIT_STACK:
	case RLIMIT_DATA:
	case RLIMIT_AS:
	case RLIMIT_MEMLOCK:
		task_lock(current->group_leader);
		*mine = *limit;
		task_unlock(current->group_leader);
		break;
	}
}

/* Limits that bound what happens locally hold here too; the others are home's business. */
static void pm_restore_limits(const struct pm_range *limits)
{
	struct rlimit *rlim = current->signal->rlim;
	struct rlimit limit;
	int i;

	task_lock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_CORE] = (struct rlimit){ 0, 0 };
	task_unlock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++) {
		limit.rlim_cur = le64_to_cpu(limits[i].start);
		limit.rlim_max = le64_to_cpu(limits[i].end);
		pm_limit_set(i, &limit);
	}
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
		if (len != RLIM_NLIMITS * sizeof(struct pm_range))
			return -EPROTO;
		if (remote)
			pm_restore_limits(data);
		return 0;
	case PM_TAG_SIGACTIONS:
		if (len != _NSIG * sizeof(struct pm_img_sigaction))
			return -EPROTO;
		return pm_restore_actions(data);
	case PM_TAG_CPUTIMERS:
		return pm_cputimers_restore(data, len);
	default:
		return -EPROTO;
	}
}
