/* SPDX-License-Identifier: GPL-2.0 */
/* Placement policies: where a process goes by itself when it starts another program. */
#ifndef PM_POLICY_H
#define PM_POLICY_H

#include <linux/types.h>
#include <linux/procmig.h>

struct pid;
struct task_struct;

/**
 * struct pm_policy - of a process
 * @kind: enum procmig_policy
 * @node: destination of PROCMIG_POLICY_NODE, otherwise 0
 */
struct pm_policy {
	u32 kind;
	u32 node;
};

/* The policy of the process @tgid, PROCMIG_POLICY_NONE if it has none. Does not sleep. */
void pm_policy_get(struct pid *tgid, struct pm_policy *policy);
/*
 * pm_policy_set() - give the process of @task, of which the caller has a reference, a policy
 * Judged by the credentials of current as a move. @policy->node PM_NODE_HOME is this node.
 * Context: may sleep. Return: 0; -EPERM; -ENXIO, -EHOSTUNREACH, -EXDEV the node will not do;
 * -EOPNOTSUPP it is a guest; -ESRCH it has ended; -ENOMEM.
 */
int pm_policy_set(struct task_struct *task, const struct pm_policy *policy);
/* current has cloned @child: called by the fork tracepoint, preemption off. */
void pm_policy_forked(struct task_struct *child);
/* A process has ended. Does not sleep. */
void pm_policy_forget(struct pid *tgid);
/* Where current, which starts a program, is to run; @otherwise if it has no policy. */
u32 pm_policy_place(u32 otherwise);
/* Forget all, when no hook is there any more. */
void pm_policy_exit(void);

#endif
