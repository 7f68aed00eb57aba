// SPDX-License-Identifier: GPL-2.0
/* Rows of calls that are several calls in one: the arguments say which. */
#include <linux/fcntl.h>
#include <linux/ipc.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/msg.h>
#include <linux/prctl.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <linux/socket.h>
#include <linux/time.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/if_packet.h>
#include <uapi/linux/in.h>
#include <uapi/linux/in6.h>
#include <uapi/linux/kcmp.h>
#include <uapi/linux/mount.h>
#include <uapi/linux/netfilter_ipv4/ip_tables.h>
#include <uapi/linux/tcp.h>
#include <asm/prctl.h>
#include "proc.h"
#include "sys_table.h"

/** struct pm_option - one command of a call: its class and, if it takes one, its structure */
struct pm_option {
	unsigned int cmd;
	u8 class;
	u8 dir;
	u16 size;
};

#define PM_VALUE(c)		{ .cmd = (c), .class = PM_HOME }
#define PM_STRUCT(c, d, n)	{ .cmd = (c), .class = PM_HOME, .dir = (d), .size = (n) }
#define PM_ELSEWHERE(c, cl)	{ .cmd = (c), .class = (cl) }

static void set_struct(struct pm_arg *arg, u8 dir, u16 size)
{
	*arg = (struct pm_arg){ .kind = PM_ARG_FIX, .dir = dir, .unit = size };
}

/* Complete @row and its argument @n from the list; false if @cmd is not in it. */
static bool set_option(struct pm_sysrow *row, unsigned int n, unsigned int cmd,
		       const struct pm_option *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].cmd != cmd)
			continue;
		row->class = list[i].class;
		if (list[i].size)
			set_struct(&row->arg[n], list[i].dir, list[i].size);
		return true;
	}
	return false;
}

/* Values only, but for those in the list. F_GETLK and its like may write part of it. */
void pm_select_fcntl(struct pm_sysrow *row, const unsigned long *args)
{
	static const struct pm_option list[] = {
		PM_STRUCT(F_GETLK, PM_INOUT, sizeof(struct flock)),
		/* whether it is mapped matters */
		PM_ELSEWHERE(F_ADD_SEALS, PM_RECALL),
		PM_STRUCT(F_SETLK, PM_IN, sizeof(struct flock)),
		PM_STRUCT(F_SETLKW, PM_IN, sizeof(struct flock)),
		PM_STRUCT(F_OFD_GETLK, PM_INOUT, sizeof(struct flock)),
		PM_STRUCT(F_OFD_SETLK, PM_IN, sizeof(struct flock)),
		PM_STRUCT(F_OFD_SETLKW, PM_IN, sizeof(struct flock)),
		PM_STRUCT(F_SETOWN_EX, PM_IN, sizeof(struct f_owner_ex)),
		PM_STRUCT(F_GETOWN_EX, PM_INOUT, sizeof(struct f_owner_ex)),
		PM_STRUCT(F_GETOWNER_UIDS, PM_INOUT, 2 * sizeof(uid_t)),
		PM_STRUCT(F_GET_RW_HINT, PM_INOUT, sizeof(u64)),
		PM_STRUCT(F_SET_RW_HINT, PM_IN, sizeof(u64)),
		PM_STRUCT(F_GET_FILE_RW_HINT, PM_INOUT, sizeof(u64)),
		PM_STRUCT(F_SET_FILE_RW_HINT, PM_IN, sizeof(u64)),
	};

	set_option(row, 2, args[1], list, ARRAY_SIZE(list));
}

/*
 * Options that are not listed may take a pointer: the process comes home for them.
 * What is an attribute of the processor or of the memory is there where they are.
 */
void pm_select_prctl(struct pm_sysrow *row, const unsigned long *args)
{
	static const struct pm_option list[] = {
		PM_VALUE(PR_SET_PDEATHSIG),
		PM_STRUCT(PR_GET_PDEATHSIG, PM_INOUT, sizeof(int)),
		PM_VALUE(PR_GET_DUMPABLE),
		PM_VALUE(PR_SET_DUMPABLE),
		PM_VALUE(PR_GET_KEEPCAPS),
		PM_VALUE(PR_SET_KEEPCAPS),
		PM_VALUE(PR_GET_TIMING),
		PM_VALUE(PR_SET_TIMING),
		PM_STRUCT(PR_SET_NAME, PM_IN, 16),
		PM_STRUCT(PR_GET_NAME, PM_OUT, 16),
		PM_VALUE(PR_GET_SECCOMP),
		PM_VALUE(PR_CAPBSET_READ),
		PM_VALUE(PR_CAPBSET_DROP),
		PM_STRUCT(PR_GET_TSC, PM_INOUT, sizeof(int)),
		PM_VALUE(PR_GET_SECUREBITS),
		PM_VALUE(PR_SET_SECUREBITS),
		PM_VALUE(PR_SET_TIMERSLACK),
		PM_VALUE(PR_GET_TIMERSLACK),
		PM_VALUE(PR_TASK_PERF_EVENTS_DISABLE),
		PM_VALUE(PR_TASK_PERF_EVENTS_ENABLE),
		PM_VALUE(PR_MCE_KILL),
		PM_VALUE(PR_MCE_KILL_GET),
		PM_VALUE(PR_SET_CHILD_SUBREAPER),
		PM_STRUCT(PR_GET_CHILD_SUBREAPER, PM_INOUT, sizeof(int)),
		PM_VALUE(PR_SET_NO_NEW_PRIVS),
		PM_VALUE(PR_GET_NO_NEW_PRIVS),
		PM_ELSEWHERE(PR_GET_TID_ADDRESS, PM_LOCAL),
		PM_ELSEWHERE(PR_SET_THP_DISABLE, PM_RECALL),	/* a program inherits it at home */
		PM_ELSEWHERE(PR_GET_THP_DISABLE, PM_LOCAL),
		PM_VALUE(PR_CAP_AMBIENT),
		PM_VALUE(PR_GET_SPECULATION_CTRL),
		PM_VALUE(PR_SET_IO_FLUSHER),
		PM_VALUE(PR_GET_IO_FLUSHER),
		PM_VALUE(PR_SET_PTRACER),
		PM_ELSEWHERE(PR_SET_VMA, PM_LOCAL),
	};

	/* PR_SET_NAME reads a string of up to 16 bytes: what follows it does no harm. */
	if (!set_option(row, 1, args[0], list, ARRAY_SIZE(list)))
		row->class = PM_RECALL;
}

/* Every C library asks at its start for shadow stacks, of which these kernels know nothing. */
#define PM_ARCH_CET_STATUS	0x3001

/* Bases of segments are registers of the program. */
void pm_select_arch_prctl(struct pm_sysrow *row, const unsigned long *args)
{
	switch (args[0]) {
	case ARCH_SET_GS:
	case ARCH_SET_FS:
	case ARCH_GET_FS:
	case ARCH_GET_GS:
	case PM_ARCH_CET_STATUS:
		row->class = PM_LOCAL;
	}
}

/* Those that the vdso tells are here; CPU time, dynamic clocks and the rest are home's. */
void pm_select_clock(struct pm_sysrow *row, const unsigned long *args)
{
	switch ((clockid_t)args[0]) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		row->class = PM_LOCAL;
	}
}

/* Timers that count CPU time run where it is used. */
void pm_select_itimer(struct pm_sysrow *row, const unsigned long *args)
{
	if ((int)args[0] == ITIMER_VIRTUAL || (int)args[0] == ITIMER_PROF)
		row->class = PM_LOCAL;
}

void pm_select_personality(struct pm_sysrow *row, const unsigned long *args)
{
	if ((u32)args[0] == 0xffffffff)
		row->class = PM_HOME;
}

/* Anonymous memory is no concern of home's, private or shared with what is forked here. */
void pm_select_mmap(struct pm_sysrow *row, const unsigned long *args)
{
	unsigned long flags = args[3], type = flags & MAP_TYPE;

	if ((flags & MAP_ANONYMOUS) && (type == MAP_PRIVATE || type == MAP_SHARED) &&
	    !(flags & MAP_HUGETLB))
		row->class = PM_LOCAL;
}

/* With flags it asks about an address. */
void pm_select_get_mempolicy(struct pm_sysrow *row, const unsigned long *args)
{
	if (args[4] & (MPOL_F_NODE | MPOL_F_ADDR)) {
		row->class = PM_RECALL;
		return;
	}
	set_struct(&row->arg[0], PM_INOUT, sizeof(int));
	row->arg[1] = (struct pm_arg){ .kind = PM_ARG_BITS, .dir = PM_INOUT, .from = 2 };
}

/*
 * The lists of one's own threads are those of the surrogates, which have the same numbers. Home may
 * know one that does not exist there yet, and answers for that.
 */
void pm_select_get_robust_list(struct pm_sysrow *row, const unsigned long *args)
{
	struct pm_thread *thread = pm_thread_current();
	struct task_struct *task = NULL;

	rcu_read_lock();
	if (!(pid_t)args[0])
		task = current;
	else if (thread && thread->proc->role == PM_SURROGATE)
		task = pid_task(find_vpid((pid_t)args[0]), PIDTYPE_PID);
	if (task && same_thread_group(task, current))
		row->class = PM_LOCAL;
	rcu_read_unlock();
}

void pm_select_kcmp(struct pm_sysrow *row, const unsigned long *args)
{
	if ((int)args[2] == KCMP_EPOLL_TFD)
		row->class = PM_RECALL;
}

/* A notification that starts a thread hands over a second buffer. */
void pm_select_mq_notify(struct pm_sysrow *row, const unsigned long *args)
{
	if (!args[1])
		row->class = PM_HOME;
}

void pm_select_semctl(struct pm_sysrow *row, const unsigned long *args)
{
	static const struct pm_option list[] = {
		PM_STRUCT(IPC_SET, PM_IN, sizeof(struct semid64_ds)),
		PM_STRUCT(IPC_STAT, PM_OUT, sizeof(struct semid64_ds)),
		PM_STRUCT(SEM_STAT, PM_OUT, sizeof(struct semid64_ds)),
		PM_STRUCT(SEM_STAT_ANY, PM_OUT, sizeof(struct semid64_ds)),
		PM_STRUCT(IPC_INFO, PM_OUT, sizeof(struct seminfo)),
		PM_STRUCT(SEM_INFO, PM_OUT, sizeof(struct seminfo)),
		PM_ELSEWHERE(GETALL, PM_RECALL),	/* as many as the set has */
		PM_ELSEWHERE(SETALL, PM_RECALL),
	};

	set_option(row, 3, args[2], list, ARRAY_SIZE(list));
}

void pm_select_msgctl(struct pm_sysrow *row, const unsigned long *args)
{
	static const struct pm_option list[] = {
		PM_STRUCT(IPC_SET, PM_IN, sizeof(struct msqid64_ds)),
		PM_STRUCT(IPC_STAT, PM_OUT, sizeof(struct msqid64_ds)),
		PM_STRUCT(MSG_STAT, PM_OUT, sizeof(struct msqid64_ds)),
		PM_STRUCT(MSG_STAT_ANY, PM_OUT, sizeof(struct msqid64_ds)),
		PM_STRUCT(IPC_INFO, PM_OUT, sizeof(struct msginfo)),
		PM_STRUCT(MSG_INFO, PM_OUT, sizeof(struct msginfo)),
	};

	set_option(row, 2, args[1], list, ARRAY_SIZE(list));
}

void pm_select_shmctl(struct pm_sysrow *row, const unsigned long *args)
{
	static const struct pm_option list[] = {
		PM_STRUCT(IPC_SET, PM_IN, sizeof(struct shmid64_ds)),
		PM_STRUCT(IPC_STAT, PM_OUT, sizeof(struct shmid64_ds)),
		PM_STRUCT(SHM_STAT, PM_OUT, sizeof(struct shmid64_ds)),
		PM_STRUCT(SHM_STAT_ANY, PM_OUT, sizeof(struct shmid64_ds)),
		PM_STRUCT(IPC_INFO, PM_OUT, sizeof(struct shminfo64)),
		PM_STRUCT(SHM_INFO, PM_OUT, sizeof(struct shm_info)),
	};

	set_option(row, 2, args[1], list, ARRAY_SIZE(list));
}

void pm_select_fsconfig(struct pm_sysrow *row, const unsigned long *args)
{
	switch (args[1]) {
	case FSCONFIG_SET_STRING:
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		row->arg[3] = (struct pm_arg){ .kind = PM_ARG_STR, .dir = PM_IN };
		break;
	case FSCONFIG_SET_BINARY:
		row->arg[3] = (struct pm_arg){ .kind = PM_ARG_CNT, .dir = PM_IN, .from = 4,
					       .width = PM_SINT, .unit = 1 };
	}
}

/* What is cut off is counted, and may not have been written at all. */
void pm_select_recvfrom(struct pm_sysrow *row, const unsigned long *args)
{
	if (args[3] & MSG_TRUNC)
		row->arg[1].dir = PM_INOUT;
}

/* The pages of a zero-copy send must stay as they are until it has been acknowledged. */
void pm_select_send(struct pm_sysrow *row, const unsigned long *args)
{
	if (args[row->arg[1].kind == PM_ARG_MSG ? 2 : 3] & MSG_ZEROCOPY)
		row->class = PM_RECALL;
}

/* Options whose value holds pointers, or for which the length means something else. */
static bool sockopt_is_nested(int level, int name, bool set)
{
	switch (level) {
	case SOL_SOCKET:
		return name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF;
	case SOL_TCP:
		return name == TCP_ZEROCOPY_RECEIVE;
	case SOL_IP:
		return name >= IPT_BASE_CTL;	/* netfilter's */
	case SOL_IPV6:
		return set && (name == IPT_SO_SET_REPLACE || name == IPT_SO_SET_ADD_COUNTERS);
	case SOL_PACKET:
		return name == PACKET_FANOUT_DATA;
	case SOL_SCTP:
	case SOL_XDP:
		return true;
	}
	return false;
}

void pm_select_setsockopt(struct pm_sysrow *row, const unsigned long *args)
{
	if (sockopt_is_nested(args[1], args[2], true))
		row->class = PM_RECALL;
}

void pm_select_getsockopt(struct pm_sysrow *row, const unsigned long *args)
{
	if (sockopt_is_nested(args[1], args[2], false))
		row->class = PM_RECALL;
}
