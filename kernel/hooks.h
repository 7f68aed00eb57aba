/* SPDX-License-Identifier: GPL-2.0 */
/* Where the module hooks into the kernel: function entries, tracepoints. */
#ifndef PM_HOOKS_H
#define PM_HOOKS_H

/* Context: module init and exit. After pm_hooks_exit() no task is in a hook or will enter one. */
int pm_hooks_init(void);
void pm_hooks_exit(void);

#endif
