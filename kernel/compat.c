// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel versions and unexported symbols, all of them.
 *
 * Functions are reached by static calls: the target is patched into the call
 * site, so the call is a direct one. That is cheap, needs no retpoline, and is
 * right on kernels with X86_KERNEL_IBT, where an indirect call to a function whose
 * ENDBR has been sealed would trap.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cpuset.h>
#include <linux/fsnotify_backend.h>
#include <linux/kprobes.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/task.h>
#include <linux/seccomp.h>
#include <linux/shmem_fs.h>
#include <linux/signal.h>
#include <linux/static_call.h>
#include <linux/syscalls.h>
#include <linux/userfaultfd_k.h>
#include <asm/syscall.h>
#include <asm/vdso.h>
#include "compat.h"

#define PM_SHOW_ARGS (struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *)

#ifdef CONFIG_X86_VSYSCALL_EMULATION
#define PM_FUNCTIONS_VSYSCALL(X) X(struct vm_area_struct *, get_gate_vma, (struct mm_struct *))
#else
#define PM_FUNCTIONS_VSYSCALL(X)
#endif

#ifdef CONFIG_CPUSETS
#define PM_FUNCTIONS_CPUSETS(X) \
	X(void, cpuset_cpus_allowed, (struct task_struct *, struct cpumask *))
#else
#define PM_FUNCTIONS_CPUSETS(X)
#endif

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#define PM_FUNCTIONS_HUGE(X) \
	X(bool, hugepage_vma_check, (struct vm_area_struct *, unsigned long, bool, bool, bool))
#else
#define PM_FUNCTIONS_HUGE(X)
#endif

/* X(return type, name, (arguments)): functions that must exist */
#define PM_FUNCTIONS(X) \
	PM_FUNCTIONS_VSYSCALL(X) \
	PM_FUNCTIONS_CPUSETS(X) \
	X(bool, ptrace_may_access, (struct task_struct *, unsigned int)) \
	X(struct mm_struct *, mm_access, (struct task_struct *, unsigned int)) \
	X(int, access_remote_vm, (struct mm_struct *, unsigned long, void *, int, unsigned int)) \
	X(ssize_t, mem_read, (struct file *, char __user *, size_t, loff_t *)) \
	X(ssize_t, mem_write, (struct file *, const char __user *, size_t, loff_t *)) \
	X(int, proc_tgid_stat, PM_SHOW_ARGS) \
	X(int, proc_tid_stat, PM_SHOW_ARGS) \
	X(int, proc_pid_status, PM_SHOW_ARGS) \
	X(int, proc_pid_statm, PM_SHOW_ARGS) \
	X(int, proc_pid_wchan, PM_SHOW_ARGS) \
	X(int, proc_pid_syscall, PM_SHOW_ARGS) \
	X(struct pid *, tgid_pidfd_to_pid, (const struct file *)) \
	X(int, pid_maps_open, (struct inode *, struct file *)) \
	X(int, kallsyms_lookup_size_offset, (unsigned long, unsigned long *, unsigned long *)) \
	X(void, do_group_exit, (int)) \
	X(int, force_sig_info, (struct kernel_siginfo *)) \
	X(int, do_send_sig_info, (int, struct kernel_siginfo *, struct task_struct *, \
				  enum pid_type)) \
	X(pid_t, kernel_clone, (struct kernel_clone_args *)) \
	X(void, task_work_run, (void)) \
	X(void, set_process_cpu_timer, (struct task_struct *, unsigned int, u64 *, u64 *)) \
	X(void, thread_group_sample_cputime, (struct task_struct *, u64 *)) \
	X(void, run_posix_cpu_timers, (void)) \
	X(bool, get_signal, (struct ksignal *)) \
	X(unsigned long, wait_task_inactive, (struct task_struct *, unsigned int)) \
	X(int, __secure_computing, (const struct seccomp_data *)) \
	X(void, __set_task_comm, (struct task_struct *, const char *, bool)) \
	X(int, do_sigaction, (int, struct k_sigaction *, struct k_sigaction *)) \
	X(void, set_current_blocked, (sigset_t *)) \
	X(int, walk_page_range, (struct mm_struct *, unsigned long, unsigned long, \
				 const struct mm_walk_ops *, void *)) \
	X(int, __anon_vma_prepare, (struct vm_area_struct *)) \
	X(int, anon_vma_clone, (struct vm_area_struct *, struct vm_area_struct *)) \
	X(int, __mem_cgroup_charge, (struct folio *, struct mm_struct *, gfp_t)) \
	X(bool, vma_is_shmem, (struct vm_area_struct *)) \
	PM_FUNCTIONS_HUGE(X) \
	X(int, shmem_get_folio, (struct inode *, pgoff_t, struct folio **, enum sgp_type)) \
	X(bool, shmem_charge, (struct inode *, long)) \
	X(struct file *, shmem_kernel_file_setup, (const char *, loff_t, unsigned long)) \
	X(long, do_shmat, (int, char __user *, int, unsigned long *, unsigned long)) \
	X(int, do_truncate, (struct user_namespace *, struct dentry *, loff_t, unsigned int, \
			     struct file *)) \
	X(bool, fsnotify_prepare_user_wait, (struct fsnotify_iter_info *)) \
	X(void, fsnotify_finish_user_wait, (struct fsnotify_iter_info *)) \
	X(void, fsnotify_destroy_group, (struct fsnotify_group *)) \
	X(int, mfill_atomic_install_pte, (struct mm_struct *, pmd_t *, struct vm_area_struct *, \
					  unsigned long, struct page *, bool, bool))

/* X(type, name): data and functions of which only the address is used */
#define PM_ADDRESSES(X) \
	X(restart_fn, futex_wait_restart) \
	X(restart_fn, hrtimer_nanosleep_restart) \
	X(restart_fn, alarm_timer_nsleep_restart) \
	X(restart_fn, posix_cpu_nsleep_restart) \
	X(restart_fn, do_restart_poll) \
	X(const struct file_operations, proc_tgid_base_operations) \
	X(int, pid_max) \
	X(struct hrtimer_cpu_base, hrtimer_bases) \
	X(const struct vdso_image, vdso_image_64)

typedef long restart_fn(struct restart_block *block);
typedef unsigned long (*pm_lookup_fn)(const char *name);
static pm_lookup_fn pm_lookup;

#define PM_DEFINE_FUNCTION(ret, name, args) \
	extern ret name args; \
	DEFINE_STATIC_CALL_NULL(pm_##name, name);
#define PM_DEFINE_ADDRESS(type, name) static type *pm_addr_##name;

PM_FUNCTIONS(PM_DEFINE_FUNCTION)
PM_ADDRESSES(PM_DEFINE_ADDRESS)

/* Mitigated kernels have a switch of direct calls; older ones only the table. */
DEFINE_STATIC_CALL_NULL(pm_x64_sys_call, x64_sys_call);
static const sys_call_ptr_t *pm_sys_call_table;

/* The address of an unexported symbol, or NULL after saying that it is missing. */
static void *pm_require(const char *name)
{
	unsigned long addr = pm_lookup(name);

	if (!addr)
		pr_err("this kernel has no symbol %s: cannot load\n", name);
	return (void *)addr;
}

#define PM_RESOLVE_FUNCTION(ret, name, args) \
	do { \
		typeof(&name) addr = pm_require(#name); \
		if (!addr) \
			return -ENOENT; \
		static_call_update(pm_##name, addr); \
	} while (0);
#define PM_RESOLVE_ADDRESS(type, name) \
	do { \
		pm_addr_##name = pm_require(#name); \
		if (!pm_addr_##name) \
			return -ENOENT; \
	} while (0);

static int pm_find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("kprobes do not work on this kernel (%d): cannot load\n", err);
		return err;
	}
	pm_lookup = (pm_lookup_fn)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

int pm_compat_init(void)
{
	typeof(&x64_sys_call) direct;
	int err = pm_find_lookup();

	if (err)
		return err;
	PM_FUNCTIONS(PM_RESOLVE_FUNCTION)
	PM_ADDRESSES(PM_RESOLVE_ADDRESS)
	direct = (void *)pm_lookup("x64_sys_call");
	if (direct) {
		static_call_update(pm_x64_sys_call, direct);
		return 0;
	}
	pm_sys_call_table = pm_require("sys_call_table");
	return pm_sys_call_table ? 0 : -ENOENT;
}

unsigned long pm_symbol(const char *name)
{
	return pm_lookup(name);
}

unsigned long pm_symbol_size(unsigned long addr)
{
	unsigned long size = 0, offset = 0;

	static_call(pm_kallsyms_lookup_size_offset)(addr, &size, &offset);
	return size - offset;
}

bool pm_ptrace_may_access(struct task_struct *task, unsigned int mode)
{
	return static_call(pm_ptrace_may_access)(task, mode);
}

struct mm_struct *pm_mm_access(struct task_struct *task, unsigned int mode)
{
	return static_call(pm_mm_access)(task, mode);
}

ssize_t pm_mem_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	return static_call(pm_mem_read)(file, to, len, pos);
}

ssize_t pm_mem_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	return static_call(pm_mem_write)(file, from, len, pos);
}

#define PM_DEFINE_SHOW(name) \
	int pm_##name(struct seq_file *m, struct pid_namespace *ns, struct pid *pid, \
		      struct task_struct *task) \
	{ \
		return static_call(pm_##name)(m, ns, pid, task); \
	}

PM_DEFINE_SHOW(proc_tgid_stat)
PM_DEFINE_SHOW(proc_tid_stat)
PM_DEFINE_SHOW(proc_pid_status)
PM_DEFINE_SHOW(proc_pid_statm)
PM_DEFINE_SHOW(proc_pid_wchan)
PM_DEFINE_SHOW(proc_pid_syscall)

long pm_syscall(struct pt_regs *regs)
{
	unsigned int nr = regs->orig_ax;

	if (!pm_sys_call_table)
		return static_call(pm_x64_sys_call)(regs, nr);
	if (nr >= NR_syscalls)
		return -ENOSYS;
	return pm_sys_call_table[array_index_nospec(nr, NR_syscalls)](regs);
}

void pm_syscall_enter(struct pt_regs *regs)
{
	regs->ax = -ENOSYS;
}

long pm_syscall6(unsigned int nr, unsigned long a, unsigned long b, unsigned long c,
		 unsigned long d, unsigned long e, unsigned long f)
{
	struct pt_regs regs = {
		.orig_ax = nr, .cs = __USER_CS, .ss = __USER_DS,
		.di = a, .si = b, .dx = c, .r10 = d, .r8 = e, .r9 = f,
	};

	pm_syscall_enter(&regs);
	return pm_syscall(&regs);
}

void pm_do_group_exit(int code)
{
	static_call(pm_do_group_exit)(code);
}

int pm_force_sig_info(struct kernel_siginfo *info)
{
	return static_call(pm_force_sig_info)(info);
}

int pm_send_process(struct kernel_siginfo *info)
{
	return static_call(pm_do_send_sig_info)(info->si_signo, info, current, PIDTYPE_TGID);
}

int pm_clone(u64 flags, struct kernel_clone_args *args)
{
	struct kernel_clone_args plain = { .flags = flags };

	return static_call(pm_kernel_clone)(args ?: &plain);
}

int pm_clone_as(const struct cred *cred, pid_t tid, struct kernel_clone_args *args)
{
	unsigned int privileged = current->flags & PF_SUPERPRIV;
	const struct cred *old = override_creds(cred);
	int ret;

	args->set_tid = &tid;
	args->set_tid_size = 1;
	ret = pm_clone(0, args);
	args->set_tid = NULL;
	args->set_tid_size = 0;
	revert_creds(old);
	/* that it has used a right is not the program's */
	current->flags &= ~PF_SUPERPRIV | privileged;
	return ret;
}

void pm_task_work_run(void)
{
	static_call(pm_task_work_run)();
}

void pm_set_process_cpu_timer(struct task_struct *task, unsigned int clock, u64 *new, u64 *old)
{
	static_call(pm_set_process_cpu_timer)(task, clock, new, old);
}

void pm_sample_cputime(struct task_struct *task, u64 *samples)
{
	static_call(pm_thread_group_sample_cputime)(task, samples);
}

void pm_check_cpu_timers(void)
{
	lockdep_assert_irqs_disabled();
	static_call(pm_run_posix_cpu_timers)();
}

bool pm_get_signal(struct ksignal *ksig)
{
	return static_call(pm_get_signal)(ksig);
}

bool pm_wait_task_inactive(struct task_struct *task, unsigned int state)
{
	return static_call(pm_wait_task_inactive)(task, state);
}

void pm_cpuset_cpus_allowed(struct task_struct *task, struct cpumask *cpus)
{
#ifdef CONFIG_CPUSETS
	static_call(pm_cpuset_cpus_allowed)(task, cpus);
#else
	cpuset_cpus_allowed(task, cpus);
#endif
}

bool pm_seccomp_allows(const struct seccomp_data *data)
{
	return !test_syscall_work(SECCOMP) || static_call(pm___secure_computing)(data) == 0;
}

void pm_set_comm(struct task_struct *task, const char *comm)
{
	static_call(pm___set_task_comm)(task, comm, false);
}

int pm_sigaction(int sig, struct k_sigaction *act, struct k_sigaction *old)
{
	struct pt_regs *regs = current_pt_regs();
	unsigned long nr = regs->orig_ax;
	int err;

	/* a task that is in no call has -1 there, which is taken for one of an x32 program */
	regs->orig_ax = __NR_rt_sigaction;
	err = static_call(pm_do_sigaction)(sig, act, old);
	regs->orig_ax = nr;
	return err;
}

void pm_set_blocked(sigset_t *set)
{
	static_call(pm_set_current_blocked)(set);
}

bool pm_restart_is_futex(const struct restart_block *block)
{
	return block->fn == pm_addr_futex_wait_restart;
}

bool pm_restart_is_poll(const struct restart_block *block)
{
	return block->fn == pm_addr_do_restart_poll;
}

bool pm_restart_is_sleep(const struct restart_block *block)
{
	return block->fn == pm_addr_hrtimer_nanosleep_restart ||
	       block->fn == pm_addr_alarm_timer_nsleep_restart ||
	       block->fn == pm_addr_posix_cpu_nsleep_restart;
}

void pm_restart_set_futex(struct restart_block *block)
{
	block->fn = pm_addr_futex_wait_restart;
}

unsigned int pm_pid_max(void)
{
	return READ_ONCE(*pm_addr_pid_max);
}

struct hrtimer_cpu_base *pm_hrtimer_base(int cpu)
{
	return per_cpu_ptr((struct hrtimer_cpu_base __percpu __force *)pm_addr_hrtimer_bases,
			   cpu);
}

const struct file_operations *pm_proc_tgid_base_operations(void)
{
	return pm_addr_proc_tgid_base_operations;
}

struct pid *pm_tgid_pidfd_to_pid(const struct file *file)
{
	return static_call(pm_tgid_pidfd_to_pid)(file);
}

struct vm_area_struct *pm_gate_vma(struct mm_struct *mm)
{
#ifdef CONFIG_X86_VSYSCALL_EMULATION
	return static_call(pm_get_gate_vma)(mm);
#else
	return NULL;
#endif
}

int pm_access_remote_vm(struct mm_struct *mm, unsigned long addr, void *data, int len,
			unsigned int flags)
{
	return static_call(pm_access_remote_vm)(mm, addr, data, len, flags);
}

int pm_pid_maps_open(struct inode *inode, struct file *file)
{
	return static_call(pm_pid_maps_open)(inode, file);
}

const void *pm_vdso_text(size_t *len)
{
	*len = pm_addr_vdso_image_64->size;
	return pm_addr_vdso_image_64->data;
}

int pm_walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		       const struct mm_walk_ops *ops, void *private)
{
	return static_call(pm_walk_page_range)(mm, start, end, ops, private);
}

struct page *pm_read_page(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	struct page *page;
	long n;

	if (!vma || vma->vm_start > addr)
		return ERR_PTR(-EFAULT);
	n = get_user_pages_remote(mm, addr, 1, FOLL_FORCE | FOLL_DUMP, &page, NULL, NULL);
	/* FOLL_DUMP: a hole, the zero page, or one that can't be read: a fault tells them apart */
	if (n == -EFAULT)
		n = get_user_pages_remote(mm, addr, 1, FOLL_FORCE, &page, NULL, NULL);
	if (n == 1 && page && PageHWPoison(page)) {
		put_page(page);
		n = -EFAULT;
	}
	return n == 1 ? page : ERR_PTR(n == -ENOMEM || n == -EINTR ? n : -EFAULT);
}

int pm_anon_vma_prepare(struct vm_area_struct *vma)
{
	return vma->anon_vma ? 0 : static_call(pm___anon_vma_prepare)(vma);
}

int pm_anon_vma_share(struct vm_area_struct *vma, struct vm_area_struct *with)
{
	lockdep_assert_held_write(&vma->vm_mm->mmap_lock);
	vma->anon_vma = with->anon_vma;
	/* on failure it has none again */
	return static_call(pm_anon_vma_clone)(vma, with);
}

int pm_charge_page(struct page *page, struct mm_struct *mm)
{
	if (mem_cgroup_disabled())
		return 0;
	return static_call(pm___mem_cgroup_charge)(page_folio(page), mm, GFP_KERNEL);
}

int pm_map_new_page(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr, struct page *page)
{
	return static_call(pm_mfill_atomic_install_pte)(vma->vm_mm, pmd, vma, addr, page, true,
							false);
}

void pm_fault_unlock(struct vm_fault *vmf)
{
	mmap_read_unlock(vmf->vma->vm_mm);
}

bool pm_vma_may_be_huge(struct vm_area_struct *vma)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	return static_call(pm_hugepage_vma_check)(vma, vma->vm_flags, false, false, true);
#else
	return false;
#endif
}

bool pm_vma_is_shmem(struct vm_area_struct *vma)
{
	return static_call(pm_vma_is_shmem)(vma);
}

static struct folio *pm_shmem_get(struct inode *inode, pgoff_t index, enum sgp_type how)
{
	struct folio *folio = NULL;
	int err = static_call(pm_shmem_get_folio)(inode, index, &folio, how);

	return err ? ERR_PTR(err) : folio;
}

struct folio *pm_shmem_find(struct inode *inode, pgoff_t index)
{
	return pm_shmem_get(inode, index, SGP_READ);
}

struct folio *pm_shmem_zero(struct inode *inode, pgoff_t index)
{
	return pm_shmem_get(inode, index, SGP_CACHE);
}

struct folio *pm_shmem_make(struct inode *inode, pgoff_t index)
{
	return pm_shmem_get(inode, index, SGP_WRITE);
}

bool pm_shmem_charge(struct inode *inode, long pages)
{
	return static_call(pm_shmem_charge)(inode, pages);
}

struct file *pm_shmem_file(const char *name, loff_t size, bool noreserve)
{
	return static_call(pm_shmem_kernel_file_setup)(name, size,
						       noreserve ? VM_NORESERVE : 0);
}

long pm_do_shmat(int shmid, char __user *addr, int flags, unsigned long *raddr,
		 unsigned long align)
{
	return static_call(pm_do_shmat)(shmid, addr, flags, raddr, align);
}

int pm_do_truncate(struct user_namespace *ns, struct dentry *dentry, loff_t size,
		   unsigned int times, struct file *file)
{
	return static_call(pm_do_truncate)(ns, dentry, size, times, file);
}

bool pm_fsnotify_prepare_user_wait(struct fsnotify_iter_info *iter)
{
	return static_call(pm_fsnotify_prepare_user_wait)(iter);
}

void pm_fsnotify_finish_user_wait(struct fsnotify_iter_info *iter)
{
	static_call(pm_fsnotify_finish_user_wait)(iter);
}

void pm_fsnotify_destroy_group(struct fsnotify_group *group)
{
	static_call(pm_fsnotify_destroy_group)(group);
}
