// SPDX-License-Identifier: GPL-2.0
/* Whose a process is: ids, privileges, nice value, limits. */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>
#include "image.h"
#include "proc.h"

/**
 * pm_identity_capture() - whose process it is, and its limits
 * @thread: current's
 * @enc: image
 *
 * Context: current, may sleep. Return: 0 or -ENOMEM.
 */
int pm_identity_capture(struct pm_thread *thread, struct pm_enc *enc)
{
	struct pm_img_proc *img = pm_enc_reserve(enc, PM_TAG_PROC, sizeof(*img));
	struct pm_range limits[RLIM_NLIMITS];
	int i;

	if (!img)
		return enc->err;
	img->uid = cpu_to_le32(from_kuid_munged(&init_user_ns, current_uid()));
	img->gid = cpu_to_le32(from_kgid_munged(&init_user_ns, current_gid()));
	img->nice = cpu_to_le32(task_nice(current));
	img->personality = cpu_to_le32(current->personality);
	img->seccomp = cpu_to_le32(thread->proc->role == PM_SURROGATE ? thread->proc->filtered :
				   !!test_syscall_work(SECCOMP));
	for (i = 0; i < PM_CPU_WORDS; i++)
		img->cpu_seen[i] = cpu_to_le32(thread->proc->cpu_seen[i]);
	task_lock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++) {
		limits[i].start = cpu_to_le64(current->signal->rlim[i].rlim_cur);
		limits[i].end = cpu_to_le64(current->signal->rlim[i].rlim_max);
	}
	task_unlock(current->group_leader);
	return pm_enc_put(enc, PM_TAG_RLIMITS, limits, sizeof(limits));
}

/**
 * pm_limit_set() - a limit has been set at home: if it bounds what happens here, follow it
 * @which: RLIMIT_*, less than RLIM_NLIMITS
 * @limit: the new one
 *
 * Context: current is the surrogate.
 */
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

/**
 * pm_limits_restore() - take the limits of an image
 * @limits: RLIM_NLIMITS of them
 *
 * Those that bound what happens locally hold here too; the others are home's business.
 * Context: current is the surrogate.
 */
void pm_limits_restore(const struct pm_range *limits)
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

/**
 * pm_identity_restore() - become somebody's
 * @proc: the process
 * @img: from the peer
 *
 * A surrogate bears its owner's ids, so that administrators see whose it is, and has no
 * privilege: what the program may do is decided at home.
 * Context: current is the surrogate, may sleep. Return: 0, -EPROTO or -ENOMEM.
 */
int pm_identity_restore(struct pm_proc *proc, const struct pm_img_proc *img)
{
	kuid_t uid = make_kuid(&init_user_ns, le32_to_cpu(img->uid));
	kgid_t gid = make_kgid(&init_user_ns, le32_to_cpu(img->gid));
	struct group_info *groups;
	struct cred *cred;
	int i;

	for (i = 0; i < PM_CPU_WORDS; i++)
		proc->cpu_seen[i] = le32_to_cpu(img->cpu_seen[i]);
	proc->filtered = le32_to_cpu(img->seccomp);
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
	return 0;
}
