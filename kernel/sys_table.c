// SPDX-License-Identifier: GPL-2.0
/*
 * The system call table: one row for each x86-64 call.
 *
 * A number is I, a string S, a vector of strings STRV, a structure IN, OUT or IO(type); a buffer
 * whose size is in argument n is IN_N, OUT_N or IO_N(n, bytes of an element). OUT_R is one of
 * which the return value says how much was written. D is int, U is unsigned int,
 * otherwise the count is a size_t.
 */
#include <linux/aio_abi.h>
#include <linux/capability.h>
#include <linux/eventpoll.h>
#include <linux/ipc.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/sem.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/time_types.h>
#include <linux/times.h>
#include <linux/timex.h>
#include <linux/types.h>
#include <linux/utime.h>
#include <linux/utsname.h>
#include <linux/uio.h>
#include <asm/statfs.h>
#include <asm/unistd.h>
#include "sys_table.h"

/* Sizes that user space sees and for which the kernel has no structure of its own. */
#define PM_ITIMERVAL	32
#define PM_ITIMERSPEC	sizeof(struct __kernel_itimerspec)
#define PM_RUSAGE	sizeof(struct rusage)
#define PM_SIGINFO	128
#define PM_SIGSET	8
#define PM_TIMESPEC	16
#define PM_TIMEVAL	16
#define PM_TIMEX	sizeof(struct __kernel_timex)
#define PM_USTAT	32
#define PM_UTSNAME	sizeof(struct new_utsname)
/* open_by_handle_at: struct file_handle with MAX_HANDLE_SZ */
#define PM_FILE_HANDLE	(8 + 128)

#define I		{ .kind = PM_ARG_INT }
#define S		{ .kind = PM_ARG_STR, .dir = PM_IN }
#define STRV		{ .kind = PM_ARG_STRV, .dir = PM_IN }
#define IN(n)		{ .kind = PM_ARG_FIX, .dir = PM_IN, .unit = (n) }
#define OUT(n)		{ .kind = PM_ARG_FIX, .dir = PM_OUT, .unit = (n) }
#define IO(n)		{ .kind = PM_ARG_FIX, .dir = PM_INOUT, .unit = (n) }
#define SOFT(n)		{ .kind = PM_ARG_FIX, .dir = PM_INOUT, .soft = 1, .unit = (n) }
#define BUF(d, f, w, u, ...) \
	{ .kind = PM_ARG_CNT, .dir = PM_##d, .from = (f), .width = PM_##w, .unit = (u), \
	  ##__VA_ARGS__ }
#define IN_N(f, u)	BUF(IN, f, SIZE, u)
#define IN_D(f, u)	BUF(IN, f, SINT, u)
#define IN_U(f, u)	BUF(IN, f, UINT, u)
#define OUT_N(f, u)	BUF(OUT, f, SIZE, u)
#define IO_D(f, u)	BUF(INOUT, f, SINT, u)
#define IO_U(f, u)	BUF(INOUT, f, UINT, u)
#define OUT_R(f, u)	BUF(OUT, f, SIZE, u, .ret = 1)
#define OUT_RD(f, u)	BUF(OUT, f, SINT, u, .ret = 1)
#define OUT_RU(f, u)	BUF(OUT, f, UINT, u, .ret = 1)
#define OUT_P(f)	{ .kind = PM_ARG_PTR, .dir = PM_OUT, .from = (f) }
#define BITS(f)		{ .kind = PM_ARG_BITS, .dir = PM_INOUT, .from = (f) }
#define SIGARG		{ .kind = PM_ARG_MASK, .dir = PM_IN }
#define SIZED(d)	{ .kind = PM_ARG_SIZED, .dir = PM_##d }
#define IOV(d, f)	{ .kind = PM_ARG_IOV, .dir = PM_##d, .from = (f) }
#define MSG(d)		{ .kind = PM_ARG_MSG, .dir = PM_##d }
#define MMSG(d, f)	{ .kind = PM_ARG_MMSG, .dir = PM_##d, .from = (f) }

#define ROW(nm, cl, ...) \
	[__NR_##nm] = { .name = #nm, .class = PM_##cl, .arg = { __VA_ARGS__ } }
#define PART(nm, fl, ...) \
	[__NR_##nm] = { .name = #nm, .class = PM_HOME, .flags = (fl), .arg = { __VA_ARGS__ } }
#define TIMED(nm, a, m, ...) \
	[__NR_##nm] = { .name = #nm, .class = PM_HOME, .flags = PM_ROW_WAITS, \
			.timeout = { .arg = (a), .ms = (m) }, .arg = { __VA_ARGS__ } }
#define PICK(nm, cl, sel, ...) \
	[__NR_##nm] = { .name = #nm, .class = PM_##cl, .select = pm_select_##sel, \
			.arg = { __VA_ARGS__ } }
/* Numbers without a call behind them: home's kernel says so. */
#define GONE(nm)	ROW(nm, HOME)

static const struct pm_sysrow pm_table[] = {
	PART(read, PM_ROW_WAITS | PM_ROW_READ, I, OUT_R(2, 1), I),
	PART(write, PM_ROW_WAITS | PM_ROW_WRITE, I, IN_N(2, 1), I),
	ROW(open, HOME, S, I, I),
	ROW(close, HOME, I),
	ROW(stat, HOME, S, OUT(sizeof(struct stat))),
	ROW(fstat, HOME, I, OUT(sizeof(struct stat))),
	ROW(lstat, HOME, S, OUT(sizeof(struct stat))),
	ROW(poll, HOME, IO_U(1, sizeof(struct pollfd)), I, I),
	ROW(lseek, HOME, I, I, I),
	PICK(mmap, BOTH, mmap, I, I, I, I, I, I),
	ROW(mprotect, LOCAL),
	ROW(munmap, LOCAL),
	ROW(brk, LOCAL),
	ROW(rt_sigaction, BOTH),
	ROW(rt_sigprocmask, BOTH),
	ROW(rt_sigreturn, BOTH),
	PICK(ioctl, HOME, ioctl, I, I, I),
	PART(pread64, PM_ROW_READ | PM_ROW_POS, I, OUT_R(2, 1), I, I),
	PART(pwrite64, PM_ROW_WRITE | PM_ROW_POS, I, IN_N(2, 1), I, I),
	PART(readv, PM_ROW_WAITS | PM_ROW_READ, I, IOV(OUT, 2), I),
	PART(writev, PM_ROW_WAITS | PM_ROW_WRITE, I, IOV(IN, 2), I),
	ROW(access, HOME, S, I),
	ROW(pipe, HOME, OUT(2 * sizeof(int))),
	ROW(select, HOME, I, BITS(0), BITS(0), BITS(0), SOFT(PM_TIMEVAL)),
	ROW(sched_yield, LOCAL),
	ROW(mremap, LOCAL),
	ROW(msync, LOCAL),
	ROW(mincore, LOCAL),
	ROW(madvise, LOCAL),
	ROW(shmget, HOME, I, I, I),
	ROW(shmat, RECALL),
	PICK(shmctl, HOME, shmctl, I, I, I),
	ROW(dup, HOME, I),
	ROW(dup2, HOME, I, I),
	ROW(pause, HOME),
	ROW(nanosleep, HOME, IN(PM_TIMESPEC), IO(PM_TIMESPEC)),
	PICK(getitimer, HOME, itimer, I, OUT(PM_ITIMERVAL)),
	ROW(alarm, HOME, I),
	PICK(setitimer, HOME, itimer, I, IN(PM_ITIMERVAL), OUT(PM_ITIMERVAL)),
	ROW(getpid, HOME),
	ROW(sendfile, HOME, I, I, IO(sizeof(loff_t)), I),
	ROW(socket, HOME, I, I, I),
	PART(connect, PM_ROW_WAITS, I, IN_D(2, 1), I),
	PART(accept, PM_ROW_WAITS, I, OUT_P(2), IO(sizeof(int))),
	[__NR_sendto] = {
		.name = "sendto", .class = PM_HOME, .flags = PM_ROW_WAITS | PM_ROW_WRITE,
		.select = pm_select_send, .arg = { I, IN_N(2, 1), I, I, IN_D(5, 1), I },
	},
	[__NR_recvfrom] = {
		.name = "recvfrom", .class = PM_HOME, .flags = PM_ROW_WAITS | PM_ROW_READ,
		.select = pm_select_recvfrom,
		.arg = { I, OUT_R(2, 1), I, I, OUT_P(5), IO(sizeof(int)) },
	},
	[__NR_sendmsg] = {
		.name = "sendmsg", .class = PM_HOME, .flags = PM_ROW_WAITS | PM_ROW_WRITE,
		.select = pm_select_send, .arg = { I, MSG(IN), I },
	},
	PART(recvmsg, PM_ROW_WAITS | PM_ROW_READ, I, MSG(OUT), I),
	ROW(shutdown, HOME, I, I),
	ROW(bind, HOME, I, IN_D(2, 1), I),
	ROW(listen, HOME, I, I),
	ROW(getsockname, HOME, I, OUT_P(2), IO(sizeof(int))),
	ROW(getpeername, HOME, I, OUT_P(2), IO(sizeof(int))),
	ROW(socketpair, HOME, I, I, I, OUT(2 * sizeof(int))),
	PICK(setsockopt, HOME, setsockopt, I, I, I, IN_D(4, 1), I),
	PICK(getsockopt, HOME, getsockopt, I, I, I,
	     { .kind = PM_ARG_PTR, .dir = PM_INOUT, .from = 4 }, IO(sizeof(int))),
	ROW(clone, BOTH),
	ROW(fork, BOTH),
	ROW(vfork, BOTH),
	ROW(execve, HOME, S, STRV, STRV),
	ROW(exit, BOTH),
	ROW(wait4, HOME, I, IO(sizeof(int)), I, IO(PM_RUSAGE)),
	ROW(kill, HOME, I, I),
	ROW(uname, HOME, OUT(PM_UTSNAME)),
	ROW(semget, HOME, I, I, I),
	PART(semop, PM_ROW_WAITS, I, IN_U(2, sizeof(struct sembuf)), I),
	PICK(semctl, HOME, semctl, I, I, I, I),
	ROW(shmdt, RECALL),
	ROW(msgget, HOME, I, I),
	ROW(msgsnd, HOME, I, BUF(IN, 2, SIZE, 1, .add = 8), I, I),
	ROW(msgrcv, HOME, I, BUF(OUT, 2, SIZE, 1, .add = 8, .ret = 1), I, I, I),
	PICK(msgctl, HOME, msgctl, I, I, I),
	PICK(fcntl, HOME, fcntl, I, I, I),
	ROW(flock, HOME, I, I),
	ROW(fsync, HOME, I),
	ROW(fdatasync, HOME, I),
	ROW(truncate, HOME, S, I),
	ROW(ftruncate, HOME, I, I),
	ROW(getdents, HOME, I, BUF(OUT, 2, UINT, 1, .ret = 1, .holes = 1), I),
	ROW(getcwd, HOME, OUT_R(1, 1), I),
	ROW(chdir, HOME, S),
	ROW(fchdir, HOME, I),
	ROW(rename, HOME, S, S),
	ROW(mkdir, HOME, S, I),
	ROW(rmdir, HOME, S),
	ROW(creat, HOME, S, I),
	ROW(link, HOME, S, S),
	ROW(unlink, HOME, S),
	ROW(symlink, HOME, S, S),
	ROW(readlink, HOME, S, OUT_RD(2, 1), I),
	ROW(chmod, HOME, S, I),
	ROW(fchmod, HOME, I, I),
	ROW(chown, HOME, S, I, I),
	ROW(fchown, HOME, I, I, I),
	ROW(lchown, HOME, S, I, I),
	ROW(umask, HOME, I),
	ROW(gettimeofday, LOCAL),
	ROW(getrlimit, HOME, I, OUT(sizeof(struct rlimit))),
	ROW(getrusage, HOME, I, OUT(PM_RUSAGE)),
	ROW(sysinfo, HOME, OUT(sizeof(struct sysinfo))),
	ROW(times, HOME, OUT(sizeof(struct tms))),
	ROW(ptrace, RECALL),
	ROW(getuid, HOME),
	ROW(syslog, HOME, I, OUT_RD(2, 1), I),
	ROW(getgid, HOME),
	ROW(setuid, HOME, I),
	ROW(setgid, HOME, I),
	ROW(geteuid, HOME),
	ROW(getegid, HOME),
	ROW(setpgid, HOME, I, I),
	ROW(getppid, HOME),
	ROW(getpgrp, HOME),
	ROW(setsid, HOME),
	ROW(setreuid, HOME, I, I),
	ROW(setregid, HOME, I, I),
	ROW(getgroups, HOME, I, OUT_RD(0, sizeof(gid_t))),
	ROW(setgroups, HOME, I, IN_D(0, sizeof(gid_t))),
	ROW(setresuid, HOME, I, I, I),
	ROW(getresuid, HOME, OUT(sizeof(uid_t)), OUT(sizeof(uid_t)), OUT(sizeof(uid_t))),
	ROW(setresgid, HOME, I, I, I),
	ROW(getresgid, HOME, OUT(sizeof(gid_t)), OUT(sizeof(gid_t)), OUT(sizeof(gid_t))),
	ROW(getpgid, HOME, I),
	ROW(setfsuid, HOME, I),
	ROW(setfsgid, HOME, I),
	ROW(getsid, HOME, I),
	ROW(capget, HOME, IO(sizeof(struct __user_cap_header_struct)),
	    IO(2 * sizeof(struct __user_cap_data_struct))),
	ROW(capset, HOME, IO(sizeof(struct __user_cap_header_struct)),
	    IN(2 * sizeof(struct __user_cap_data_struct))),
	ROW(rt_sigpending, HOME, OUT_N(1, 1), I),
	TIMED(rt_sigtimedwait, 2, false, IN(PM_SIGSET), OUT(PM_SIGINFO), IN(PM_TIMESPEC), I),
	ROW(rt_sigqueueinfo, HOME, I, I, IN(PM_SIGINFO)),
	ROW(rt_sigsuspend, HOME, IN(PM_SIGSET), I),
	ROW(sigaltstack, LOCAL),
	ROW(utime, HOME, S, IN(sizeof(struct utimbuf))),
	ROW(mknod, HOME, S, I, I),
	GONE(uselib),
	PICK(personality, RECALL, personality, I),
	ROW(ustat, HOME, I, OUT(PM_USTAT)),
	ROW(statfs, HOME, S, OUT(sizeof(struct statfs))),
	ROW(fstatfs, HOME, I, OUT(sizeof(struct statfs))),
	ROW(sysfs, RECALL),
	ROW(getpriority, HOME, I, I),
	ROW(setpriority, HOME, I, I, I),
	ROW(sched_setparam, HOME, I, IN(sizeof(int))),
	ROW(sched_getparam, HOME, I, OUT(sizeof(int))),
	ROW(sched_setscheduler, HOME, I, I, IN(sizeof(int))),
	ROW(sched_getscheduler, HOME, I),
	ROW(sched_get_priority_max, HOME, I),
	ROW(sched_get_priority_min, HOME, I),
	ROW(sched_rr_get_interval, HOME, I, OUT(PM_TIMESPEC)),
	ROW(mlock, LOCAL),
	ROW(munlock, LOCAL),
	ROW(mlockall, LOCAL),
	ROW(munlockall, LOCAL),
	ROW(vhangup, HOME),
	ROW(modify_ldt, RECALL),
	ROW(pivot_root, HOME, S, S),
	GONE(_sysctl),
	PICK(prctl, HOME, prctl, I, I, I, I, I),
	PICK(arch_prctl, RECALL, arch_prctl, I, I),
	ROW(adjtimex, HOME, IO(PM_TIMEX)),
	ROW(setrlimit, HOME, I, IN(sizeof(struct rlimit))),
	ROW(chroot, HOME, S),
	ROW(sync, HOME),
	ROW(acct, HOME, S),
	ROW(settimeofday, HOME, IN(PM_TIMEVAL), IN(2 * sizeof(int))),
	ROW(mount, HOME, S, S, S, I, IN(4096)),
	ROW(umount2, HOME, S, I),
	ROW(swapon, HOME, S, I),
	ROW(swapoff, HOME, S),
	ROW(reboot, RECALL),
	ROW(sethostname, HOME, IN_D(1, 1), I),
	ROW(setdomainname, HOME, IN_D(1, 1), I),
	ROW(iopl, RECALL),
	ROW(ioperm, RECALL),
	GONE(create_module),
	ROW(init_module, RECALL),
	ROW(delete_module, HOME, S, I),
	GONE(get_kernel_syms),
	GONE(query_module),
	ROW(quotactl, RECALL),
	GONE(nfsservctl),
	GONE(getpmsg),
	GONE(putpmsg),
	GONE(afs_syscall),
	GONE(tuxcall),
	GONE(security),
	ROW(gettid, HOME),
	ROW(readahead, HOME, I, I, I),
	ROW(setxattr, HOME, S, S, IN_N(3, 1), I, I),
	ROW(lsetxattr, HOME, S, S, IN_N(3, 1), I, I),
	ROW(fsetxattr, HOME, I, S, IN_N(3, 1), I, I),
	ROW(getxattr, HOME, S, S, OUT_R(3, 1), I),
	ROW(lgetxattr, HOME, S, S, OUT_R(3, 1), I),
	ROW(fgetxattr, HOME, I, S, OUT_R(3, 1), I),
	ROW(listxattr, HOME, S, OUT_R(2, 1), I),
	ROW(llistxattr, HOME, S, OUT_R(2, 1), I),
	ROW(flistxattr, HOME, I, OUT_R(2, 1), I),
	ROW(removexattr, HOME, S, S),
	ROW(lremovexattr, HOME, S, S),
	ROW(fremovexattr, HOME, I, S),
	ROW(tkill, HOME, I, I),
	ROW(time, LOCAL),
	ROW(futex, LOCAL),
	ROW(sched_setaffinity, HOME, I, I, IN_U(1, 1)),
	ROW(sched_getaffinity, HOME, I, I, OUT_RU(1, 1)),
	GONE(set_thread_area),
	ROW(io_setup, RECALL),
	ROW(io_destroy, RECALL),
	ROW(io_getevents, RECALL),
	ROW(io_submit, RECALL),
	ROW(io_cancel, RECALL),
	GONE(get_thread_area),
	ROW(lookup_dcookie, HOME, I, OUT_R(2, 1), I),
	ROW(epoll_create, HOME, I),
	GONE(epoll_ctl_old),
	GONE(epoll_wait_old),
	ROW(remap_file_pages, RECALL),
	ROW(getdents64, HOME, I, BUF(OUT, 2, UINT, 1, .ret = 1, .holes = 1), I),
	ROW(set_tid_address, LOCAL),
	ROW(restart_syscall, BOTH),
	TIMED(semtimedop, 3, false, I, IN_U(2, sizeof(struct sembuf)), I, IN(PM_TIMESPEC)),
	ROW(fadvise64, HOME, I, I, I, I),
	ROW(timer_create, HOME, I, IN(sizeof(struct sigevent)), OUT(sizeof(int))),
	ROW(timer_settime, HOME, I, I, IN(PM_ITIMERSPEC), OUT(PM_ITIMERSPEC)),
	ROW(timer_gettime, HOME, I, OUT(PM_ITIMERSPEC)),
	ROW(timer_getoverrun, HOME, I),
	ROW(timer_delete, HOME, I),
	ROW(clock_settime, HOME, I, IN(PM_TIMESPEC)),
	PICK(clock_gettime, HOME, clock, I, OUT(PM_TIMESPEC)),
	ROW(clock_getres, HOME, I, OUT(PM_TIMESPEC)),
	ROW(clock_nanosleep, HOME, I, I, IN(PM_TIMESPEC), IO(PM_TIMESPEC)),
	ROW(exit_group, BOTH),
	TIMED(epoll_wait, 3, true, I, OUT_RD(2, sizeof(struct epoll_event)), I, I),
	ROW(epoll_ctl, HOME, I, I, I, IN(sizeof(struct epoll_event))),
	ROW(tgkill, HOME, I, I, I),
	ROW(utimes, HOME, S, IN(2 * PM_TIMEVAL)),
	GONE(vserver),
	ROW(mbind, RECALL),
	ROW(set_mempolicy, RECALL),
	PICK(get_mempolicy, HOME, get_mempolicy, I, I, I, I, I),
	ROW(mq_open, HOME, S, I, I, IN(sizeof(struct mq_attr))),
	ROW(mq_unlink, HOME, S),
	ROW(mq_timedsend, HOME, I, IN_N(2, 1), I, I, IN(PM_TIMESPEC)),
	ROW(mq_timedreceive, HOME, I, OUT_R(2, 1), I, IO(sizeof(int)), IN(PM_TIMESPEC)),
	PICK(mq_notify, RECALL, mq_notify, I, I),
	ROW(mq_getsetattr, HOME, I, IN(sizeof(struct mq_attr)), OUT(sizeof(struct mq_attr))),
	ROW(kexec_load, RECALL),
	ROW(waitid, HOME, I, I, IO(PM_SIGINFO), I, IO(PM_RUSAGE)),
	ROW(add_key, RECALL),
	ROW(request_key, RECALL),
	ROW(keyctl, RECALL),
	ROW(ioprio_set, HOME, I, I, I),
	ROW(ioprio_get, HOME, I, I),
	ROW(inotify_init, HOME),
	ROW(inotify_add_watch, HOME, I, S, I),
	ROW(inotify_rm_watch, HOME, I, I),
	ROW(migrate_pages, RECALL),
	ROW(openat, HOME, I, S, I, I),
	ROW(mkdirat, HOME, I, S, I),
	ROW(mknodat, HOME, I, S, I, I),
	ROW(fchownat, HOME, I, S, I, I, I),
	ROW(futimesat, HOME, I, S, IN(2 * PM_TIMEVAL)),
	ROW(newfstatat, HOME, I, S, OUT(sizeof(struct stat)), I),
	ROW(unlinkat, HOME, I, S, I),
	ROW(renameat, HOME, I, S, I, S),
	ROW(linkat, HOME, I, S, I, S, I),
	ROW(symlinkat, HOME, S, I, S),
	ROW(readlinkat, HOME, I, S, OUT_RD(3, 1), I),
	ROW(fchmodat, HOME, I, S, I),
	ROW(faccessat, HOME, I, S, I),
	ROW(pselect6, HOME, I, BITS(0), BITS(0), BITS(0), SOFT(PM_TIMESPEC), SIGARG),
	ROW(ppoll, HOME, IO_U(1, sizeof(struct pollfd)), I, SOFT(PM_TIMESPEC), IN(PM_SIGSET), I),
	ROW(unshare, RECALL),
	ROW(set_robust_list, LOCAL),
	PICK(get_robust_list, HOME, get_robust_list, I, IO(8), IO(8)),
	ROW(splice, HOME, I, IO(sizeof(loff_t)), I, IO(sizeof(loff_t)), I, I),
	ROW(tee, HOME, I, I, I, I),
	ROW(sync_file_range, HOME, I, I, I, I),
	ROW(vmsplice, RECALL),
	ROW(move_pages, RECALL),
	ROW(utimensat, HOME, I, S, IN(2 * PM_TIMESPEC), I),
	TIMED(epoll_pwait, 3, true, I, OUT_RD(2, sizeof(struct epoll_event)), I, I, IN(PM_SIGSET),
	      I),
	ROW(signalfd, HOME, I, IN(PM_SIGSET), I),
	ROW(timerfd_create, HOME, I, I),
	ROW(eventfd, HOME, I),
	PART(fallocate, PM_ROW_WAITS, I, I, I, I),
	ROW(timerfd_settime, HOME, I, I, IN(PM_ITIMERSPEC), OUT(PM_ITIMERSPEC)),
	ROW(timerfd_gettime, HOME, I, OUT(PM_ITIMERSPEC)),
	PART(accept4, PM_ROW_WAITS, I, OUT_P(2), IO(sizeof(int)), I),
	ROW(signalfd4, HOME, I, IN(PM_SIGSET), I, I),
	ROW(eventfd2, HOME, I, I),
	ROW(epoll_create1, HOME, I),
	ROW(dup3, HOME, I, I, I),
	ROW(pipe2, HOME, OUT(2 * sizeof(int)), I),
	ROW(inotify_init1, HOME, I),
	PART(preadv, PM_ROW_READ | PM_ROW_POS, I, IOV(OUT, 2), I, I, I),
	PART(pwritev, PM_ROW_WRITE | PM_ROW_POS, I, IOV(IN, 2), I, I, I),
	ROW(rt_tgsigqueueinfo, HOME, I, I, I, IN(PM_SIGINFO)),
	ROW(perf_event_open, RECALL),
	PART(recvmmsg, PM_ROW_WAITS, I, MMSG(OUT, 2), I, I, IO(PM_TIMESPEC)),
	ROW(fanotify_init, HOME, I, I),
	ROW(fanotify_mark, HOME, I, I, I, I, S),
	ROW(prlimit64, HOME, I, I, IN(sizeof(struct rlimit64)), OUT(sizeof(struct rlimit64))),
	ROW(name_to_handle_at, HOME, I, S, IO(PM_FILE_HANDLE), IO(sizeof(int)), I),
	ROW(open_by_handle_at, HOME, I, IN(PM_FILE_HANDLE), I),
	ROW(clock_adjtime, HOME, I, IO(PM_TIMEX)),
	ROW(syncfs, HOME, I),
	[__NR_sendmmsg] = {
		.name = "sendmmsg", .class = PM_HOME, .flags = PM_ROW_WAITS,
		.select = pm_select_send, .arg = { I, MMSG(IN, 2), I, I },
	},
	ROW(setns, RECALL),
	ROW(getcpu, LOCAL),
	ROW(process_vm_readv, RECALL),
	ROW(process_vm_writev, RECALL),
	PICK(kcmp, HOME, kcmp, I, I, I, I, I),
	ROW(finit_module, RECALL),
	ROW(sched_setattr, HOME, I, SIZED(INOUT), I),
	ROW(sched_getattr, HOME, I, IO_U(2, 1), I, I),
	ROW(renameat2, HOME, I, S, I, S, I),
	ROW(seccomp, RECALL),
	ROW(getrandom, LOCAL),
	ROW(memfd_create, HOME, S, I),
	ROW(kexec_file_load, RECALL),
	ROW(bpf, RECALL),
	ROW(execveat, HOME, I, S, STRV, STRV, I),
	ROW(userfaultfd, RECALL),
	ROW(membarrier, LOCAL),
	ROW(mlock2, LOCAL),
	ROW(copy_file_range, HOME, I, IO(sizeof(loff_t)), I, IO(sizeof(loff_t)), I, I),
	PART(preadv2, PM_ROW_READ | PM_ROW_POS, I, IOV(OUT, 2), I, I, I, I),
	PART(pwritev2, PM_ROW_WRITE | PM_ROW_POS, I, IOV(IN, 2), I, I, I, I),
	ROW(pkey_mprotect, LOCAL),
	ROW(pkey_alloc, LOCAL),
	ROW(pkey_free, LOCAL),
	ROW(statx, HOME, I, S, I, I, OUT(sizeof(struct statx))),
	ROW(io_pgetevents, RECALL),
	ROW(rseq, LOCAL),
	ROW(pidfd_send_signal, HOME, I, I, IN(PM_SIGINFO), I),
	ROW(io_uring_setup, RECALL),
	ROW(io_uring_enter, RECALL),
	ROW(io_uring_register, RECALL),
	ROW(open_tree, HOME, I, S, I),
	ROW(move_mount, HOME, I, S, I, S, I),
	ROW(fsopen, HOME, S, I),
	PICK(fsconfig, HOME, fsconfig, I, I, S, I, I),
	ROW(fsmount, HOME, I, I, I),
	ROW(fspick, HOME, I, S, I),
	ROW(pidfd_open, HOME, I, I),
	ROW(clone3, BOTH),
	ROW(close_range, HOME, I, I, I),
	ROW(openat2, HOME, I, S, IN_N(3, 1), I),
	ROW(pidfd_getfd, HOME, I, I, I),
	ROW(faccessat2, HOME, I, S, I, I),
	ROW(process_madvise, RECALL),
	TIMED(epoll_pwait2, 3, false, I, OUT_RD(2, sizeof(struct epoll_event)), I, IN(PM_TIMESPEC),
	      IN(PM_SIGSET), I),
	ROW(mount_setattr, HOME, I, S, I, IN_N(4, 1), I),
	ROW(quotactl_fd, RECALL),
	ROW(landlock_create_ruleset, RECALL),
	ROW(landlock_add_rule, RECALL),
	ROW(landlock_restrict_self, RECALL),
	ROW(memfd_secret, RECALL),
	ROW(process_mrelease, HOME, I, I),
	ROW(futex_waitv, LOCAL),
	ROW(set_mempolicy_home_node, RECALL),
};

static const struct pm_sysrow pm_row_absent = {
	.class = PM_HOME,
};

/* A call of a kernel newer than the table: what it does with memory is unknown. */
static const struct pm_sysrow pm_row_unknown = {
	.class = PM_RECALL,
};

const struct pm_sysrow *pm_sysrow(unsigned int nr)
{
	if (nr < ARRAY_SIZE(pm_table))
		return pm_table[nr].name ? &pm_table[nr] : &pm_row_absent;
	return nr < NR_syscalls ? &pm_row_unknown : &pm_row_absent;
}

const struct pm_sysrow *pm_sysrow_for(unsigned int nr, const unsigned long *args,
				      struct pm_sysrow *copy)
{
	const struct pm_sysrow *row = pm_sysrow(nr);

	if (!row->select)
		return row;
	*copy = *row;
	row->select(copy, args);
	return copy;
}

/**
 * pm_call_class() - where a call with these arguments runs
 * @nr: its number
 * @args: its six arguments
 * Context: any.
 * Return: the class.
 */
enum pm_class pm_call_class(unsigned int nr, const unsigned long *args)
{
	struct pm_sysrow copy;

	return pm_sysrow_for(nr, args, &copy)->class;
}
