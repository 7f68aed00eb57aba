/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/PID/migrate: see procfs.c for what can be written and read. */
#ifndef PM_PROCFS_H
#define PM_PROCFS_H

/*
 * pm_procfs_init() - make /proc/PID/migrate appear in every process
 * To be called last in the module's init: from here on the file can be opened, so
 * nothing that comes after may fail.
 * Context: may sleep. Return: 0 or negative errno, with a message in the log.
 */
int pm_procfs_init(void);

/*
 * pm_procfs_exit() - make it disappear; to be called first in the module's exit
 * When it returns, no inode, dentry or running lookup refers to the module any more.
 * Context: may sleep.
 */
void pm_procfs_exit(void);

#endif
