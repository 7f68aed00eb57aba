/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What others see of a process that runs elsewhere: stand-ins for functions of the kernel, which
 * hooks.c calls for such processes only. Each has a reference to the module when it is called, and
 * puts it.
 */
#ifndef PM_OUTSIDE_H
#define PM_OUTSIDE_H

#include <linux/types.h>

struct dentry;
struct file;
struct inode;
struct mm_struct;
struct pid;
struct pid_namespace;
struct pt_regs;
struct seq_file;
struct task_struct;
struct user_namespace;

/* Is a call of the function, with these registers, about such a process? Process context. */
bool pm_outside_access(const struct pt_regs *regs);
bool pm_outside_mem(const struct pt_regs *regs);
bool pm_outside_shows(const struct pt_regs *regs);

bool pm_outside_opens(const struct pt_regs *regs);

struct mm_struct *pm_outside_mm_access(struct task_struct *task, unsigned int mode);
ssize_t pm_outside_mem_read(struct file *file, char __user *to, size_t len, loff_t *pos);
ssize_t pm_outside_mem_write(struct file *file, const char __user *from, size_t len, loff_t *pos);
int pm_outside_proc_tgid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task);
int pm_outside_proc_tid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			     struct task_struct *task);
int pm_outside_proc_pid_status(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			       struct task_struct *task);
int pm_outside_proc_pid_statm(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task);
int pm_outside_proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task);
int pm_outside_proc_pid_syscall(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
				struct task_struct *task);
/* look.c */
bool pm_outside_reads(const struct pt_regs *regs);
int pm_outside_access_remote_vm(struct mm_struct *mm, unsigned long addr, void *data, int len,
				unsigned int flags);
/* maps.c */
int pm_outside_pid_maps_open(struct inode *inode, struct file *file);

/* guard.c */
bool pm_outside_changes(const struct pt_regs *regs);
int pm_outside_do_truncate(struct user_namespace *ns, struct dentry *dentry, loff_t size,
			   unsigned int times, struct file *file);
ssize_t pm_outside_vfs_copy_file_range(struct file *in, loff_t from, struct file *out, loff_t to,
				       size_t len, unsigned int flags);
loff_t pm_outside_vfs_clone_file_range(struct file *in, loff_t from, struct file *out, loff_t to,
				       loff_t len, unsigned int flags);
bool pm_outside_attaches(const struct pt_regs *regs);
long pm_outside_do_shmat(int shmid, char __user *addr, int flags, unsigned long *raddr,
			 unsigned long align);

/* The program's own call wants its own memory: the deputy answers that it must be made at home. */
long pm_outside_self(void);

#endif
