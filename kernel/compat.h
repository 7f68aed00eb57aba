/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that depends on the version of the kernel, and every symbol that it
 * does not export. No other file of the module asks for a version or looks up a
 * name. The module refuses to load, naming the symbol, if one is missing.
 */
#ifndef PM_COMPAT_H
#define PM_COMPAT_H

#include <linux/types.h>
#include <linux/pgtable.h>
#include <linux/ptrace.h>
#include <linux/signal_types.h>

/* Resolve all symbols. Return: 0, or -ENOENT after naming what is missing. */
int pm_compat_init(void);

/*
 * pm_syscall() - run a system call in the context of current
 * @regs: its registers: orig_ax the number, di, si, dx, r10, r8, r9 the arguments
 * Below seccomp, audit and tracing. Context: as the call itself.
 */
long pm_syscall(struct pt_regs *regs);
/* What the kernel's entry does first: the result of a call that nobody makes. Context: any. */
void pm_syscall_enter(struct pt_regs *regs);
/* The same with arguments; pointers must be user addresses. */
long pm_syscall6(unsigned int nr, unsigned long a, unsigned long b, unsigned long c,
		 unsigned long d, unsigned long e, unsigned long f);

/*
 * pm_symbol() - the address of a symbol, exported or not; 0 if there is none
 * For ftrace and for the checked tables of other files' init functions. After pm_compat_init().
 */
unsigned long pm_symbol(const char *name);
/* Bytes from @addr to the next symbol; 0 if @addr is not in the kernel. */
unsigned long pm_symbol_size(unsigned long addr);

struct dentry;
struct file;
struct fsnotify_group;
struct fsnotify_iter_info;
struct folio;
struct hrtimer_cpu_base;
struct inode;
struct mm_struct;
struct mm_walk_ops;
struct page;
struct vm_area_struct;
struct vm_fault;
struct k_sigaction;
struct kernel_clone_args;
struct kernel_siginfo;
struct ksignal;
struct pid;
struct pid_namespace;
struct restart_block;
struct seccomp_data;
struct seq_file;
struct task_struct;
struct user_namespace;

/* ptrace_may_access(): may current see @task's memory and the like? */
bool pm_ptrace_may_access(struct task_struct *task, unsigned int mode);
/*
 * Functions that have a stand-in (outside.c), which calls them: mm_access(), access_remote_vm(),
 * mem_read() and mem_write() of /proc/PID/mem, and those that write the other files.
 */
struct mm_struct *pm_mm_access(struct task_struct *task, unsigned int mode);
int pm_access_remote_vm(struct mm_struct *mm, unsigned long addr, void *data, int len,
			unsigned int flags);
ssize_t pm_mem_read(struct file *file, char __user *to, size_t len, loff_t *pos);
ssize_t pm_mem_write(struct file *file, const char __user *from, size_t len, loff_t *pos);
int pm_proc_tgid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		      struct task_struct *task);
int pm_proc_tid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		     struct task_struct *task);
int pm_proc_pid_status(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		       struct task_struct *task);
int pm_proc_pid_statm(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		      struct task_struct *task);
int pm_proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		      struct task_struct *task);
int pm_proc_pid_syscall(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			struct task_struct *task);

/* do_group_exit(): ends the process of current; does not return. */
void pm_do_group_exit(int code);
/* force_sig_info(): deliver to current even if it is blocked or ignored. */
int pm_force_sig_info(struct kernel_siginfo *info);
/* do_send_sig_info() to the process of current. */
int pm_send_process(struct kernel_siginfo *info);
/*
 * kernel_clone() with @args, or only with @flags. The child begins at its boundary to user mode
 * with the registers of current: see pm_thread.newborn. Return: its id or negative errno. Sleeps.
 */
int pm_clone(u64 flags, struct kernel_clone_args *args);
/*
 * The same for a thread with id @tid in the pid namespace of current. That takes
 * CAP_CHECKPOINT_RESTORE: the child begins with the rights of @cred. Also -EEXIST, -EPERM.
 */
int pm_clone_as(const struct cred *cred, pid_t tid, struct kernel_clone_args *args);
/* task_work_run(): what the kernel does before it returns to user mode, e.g. delayed fput(). */
void pm_task_work_run(void);
/* set_process_cpu_timer(), under the siglock: @new is relative, and absolute afterwards. */
void pm_set_process_cpu_timer(struct task_struct *task, unsigned int clock, u64 *new, u64 *old);
/* thread_group_sample_cputime(), under the siglock: the times by CPUCLOCK_*; a timer is armed. */
void pm_sample_cputime(struct task_struct *task, u64 *samples);
/*
 * run_posix_cpu_timers(), what the tick does: has the CPU time of current reached a timer or
 * RLIMIT_CPU? Then a task work sends the signal. Interrupts are off.
 */
void pm_check_cpu_timers(void);
/* get_signal() of current: may stop, freeze, or end the process; true: @ksig wants a handler. */
bool pm_get_signal(struct ksignal *ksig);
/* wait_task_inactive(): true once @task is off its CPU in @state. Sleeps. */
bool pm_wait_task_inactive(struct task_struct *task, unsigned int state);
/* cpuset_cpus_allowed(): the processors that the administrator of this node leaves to @task */
void pm_cpuset_cpus_allowed(struct task_struct *task, struct cpumask *cpus);
/* Run the seccomp filters of current on @data. False: the call must not run. */
bool pm_seccomp_allows(const struct seccomp_data *data);
/* __set_task_comm() */
void pm_set_comm(struct task_struct *task, const char *comm);
/* do_sigaction() of current: set @act unless NULL, return the old one in @old unless NULL. */
int pm_sigaction(int sig, struct k_sigaction *act, struct k_sigaction *old);
/* set_current_blocked(); KILL and STOP are removed from @set. */
void pm_set_blocked(sigset_t *set);

/* Which call a restart block will restart. */
bool pm_restart_is_futex(const struct restart_block *block);
bool pm_restart_is_poll(const struct restart_block *block);
bool pm_restart_is_sleep(const struct restart_block *block);
/* Make @block restart a futex wait; the caller has filled block->futex. */
void pm_restart_set_futex(struct restart_block *block);

/* Largest pid + 1: sysctl kernel.pid_max. */
unsigned int pm_pid_max(void);
/* The timers of a CPU, which may be walked under their lock. */
struct hrtimer_cpu_base *pm_hrtimer_base(int cpu);
/* Operations of a directory /proc/PID, and what the kernel tells by them. */
const struct file_operations *pm_proc_tgid_base_operations(void);
struct pid *pm_tgid_pidfd_to_pid(const struct file *file);
int pm_pid_maps_open(struct inode *inode, struct file *file);
/* The page of vsyscalls as it is shown to belong to @mm; NULL if it does not. */
struct vm_area_struct *pm_gate_vma(struct mm_struct *mm);
/* The vdso of 64-bit programs as it is mapped, and its length. */
const void *pm_vdso_text(size_t *len);

/* walk_page_range(); the caller holds mmap_lock. */
int pm_walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		       const struct mm_walk_ops *ops, void *private);
/*
 * pm_read_page() - the page at @addr, whatever its protection; swapped in if need be
 * Caller holds mmap_lock for reading. Sleeps.
 * Return: page with a reference, NULL if there is nothing but zeroes, or ERR_PTR: -EFAULT when it
 * cannot be read (failed memory, failed swap, beyond the end of its file), -ENOMEM.
 */
struct page *pm_read_page(struct mm_struct *mm, unsigned long addr);
/* anon_vma_prepare(): 0 or -ENOMEM. Caller holds mmap_lock. Sleeps. */
int pm_anon_vma_prepare(struct vm_area_struct *vma);
/*
 * anon_vma_clone(): @vma, which has no anon_vma, gets that of @with, as if it had been split off
 * Caller holds mmap_lock for writing. Sleeps. Return: 0 or -ENOMEM.
 */
int pm_anon_vma_share(struct vm_area_struct *vma, struct vm_area_struct *with);
/* Charge a new page to the memory cgroup of @mm. 0 or -ENOMEM. Sleeps. */
int pm_charge_page(struct page *page, struct mm_struct *mm);
/*
 * pm_map_new_page() - map a new, charged page as anonymous memory where nothing is mapped
 * @pmd: of @addr, with a page table. Caller holds mmap_lock for reading.
 * Return: 0, the reference now belongs to the mapping; or -EEXIST. Does not sleep.
 */
int pm_map_new_page(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr, struct page *page);
/* In a page fault, release what handle_userfault() releases before it sleeps. */
void pm_fault_unlock(struct vm_fault *vmf);

/* hugepage_vma_check(): by the mapping and the settings of the machine. mmap_lock is held. */
bool pm_vma_may_be_huge(struct vm_area_struct *vma);
/* vma_is_shmem(): memory of a tmpfs file or shared anonymous memory; not of System V. */
bool pm_vma_is_shmem(struct vm_area_struct *vma);
/*
 * shmem_get_folio(): the folio of a page of shared memory, locked, with a reference; swapped in if
 * need be. ERR_PTR: -EIO it cannot be read, -EINVAL beyond the end, -ENOMEM, -ENOSPC. Sleep.
 * A hole: find() gives NULL, zero() fills it with zeroes, make() with a new page that is not
 * up to date: nobody else sees it before it is unlocked, and then it must be.
 */
struct folio *pm_shmem_find(struct inode *inode, pgoff_t index);
struct folio *pm_shmem_zero(struct inode *inode, pgoff_t index);
struct folio *pm_shmem_make(struct inode *inode, pgoff_t index);
/* shmem_charge(): @pages more are in the page cache, or false. Any context. */
bool pm_shmem_charge(struct inode *inode, long pages);
/* shmem_kernel_file_setup(): a file without a name, as that of shared anonymous memory. Sleeps. */
struct file *pm_shmem_file(const char *name, loff_t size, bool noreserve);

/* As the functions of the kernel. */
long pm_do_shmat(int shmid, char __user *addr, int flags, unsigned long *raddr,
		 unsigned long align);
int pm_do_truncate(struct user_namespace *ns, struct dentry *dentry, loff_t size,
		   unsigned int times, struct file *file);
bool pm_fsnotify_prepare_user_wait(struct fsnotify_iter_info *iter);
void pm_fsnotify_finish_user_wait(struct fsnotify_iter_info *iter);
void pm_fsnotify_destroy_group(struct fsnotify_group *group);

/* compat_shmem.c */
/* Is memory set aside only as the pages come into being? */
bool pm_shmem_noreserve(struct inode *inode);
/* What forbids to make its pages one by one elsewhere and here, or NULL. */
const char *pm_shmem_odd(struct inode *inode);
/* Is it in a filesystem of limited size, whose room its pages take up? */
bool pm_shmem_limited(struct inode *inode);
/* Who touches this page gets SIGBUS, if there is a hole. 0 or -ENOMEM. Does not sleep. */
int pm_shmem_set_bad(struct inode *inode, pgoff_t index);

/* Take flags off a mapping. mmap_lock is held for writing. */
static inline void pm_vma_clear(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags &= ~flags;
}

#endif
