/* SPDX-License-Identifier: GPL-2.0 */
/* The layout of procfs' table of files in /proc/PID, which is private to fs/proc/base.c. */
#ifndef PM_COMPAT_PROCFS_H
#define PM_COMPAT_PROCFS_H

#include <linux/fs.h>

struct pid;
struct pid_namespace;
struct seq_file;
struct task_struct;

/**
 * struct pm_pid_entry - copy of struct pid_entry
 * @name: file name
 * @len: its length
 * @mode: type and permissions
 * @iop: inode operations, NULL for those of a plain file
 * @fop: file operations
 * @show: the kernel's union proc_op, as a file read by seq_file uses it
 */
struct pm_pid_entry {
	const char *name;
	unsigned int len;
	umode_t mode;
	const struct inode_operations *iop;
	const struct file_operations *fop;
	int (*show)(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task);
};

/**
 * struct pm_pid_table - what is known of the kernel's table
 * @base: the kernel's own table
 * @nr: number of its entries
 * @copy: kmalloc'ed copy of it with one more, zeroed entry at the end
 * @single: file operations of files that are shown by struct pm_pid_entry.show
 * @dir: inode operations of the directory /proc/PID
 */
struct pm_pid_table {
	const struct pm_pid_entry *base;
	unsigned int nr;
	struct pm_pid_entry *copy;
	const struct file_operations *single;
	const struct inode_operations *dir;
};

/*
 * pm_procfs_pid() - whose file in /proc/PID is this?
 * Any context. Return: not counted, valid as long as @inode is.
 */
struct pid *pm_procfs_pid(struct inode *inode);

/*
 * pm_pid_table_get() - find, check and copy the table; the caller frees @table->copy
 * Context: may sleep; after pm_compat_init().
 * Return: 0, -ENOENT without the symbols, -EPROTO if it does not look as expected,
 * -ENOMEM; all but the last have been logged.
 */
int pm_pid_table_get(struct pm_pid_table *table);

#endif
