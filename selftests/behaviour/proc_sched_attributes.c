// SPDX-License-Identifier: GPL-2.0
/* Scheduling: all that is asked and set of policy, priority, slices and processors. */
#include "../move.h"
#include <sched.h>
#include <sys/resource.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static int child(struct __test_metadata *_metadata)
{
	struct sched_param param = { 0 };
	struct attr attr = { 0 };
	struct timespec ts;
	cpu_set_t set, one;

	move_begin();
	move_here();
	if (syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0) || attr.size != sizeof(attr) ||
	    attr.policy != SCHED_OTHER)
		return 1;
	attr.nice = 5;
	if (syscall(SYS_sched_setattr, 0, &attr, 0) || getpriority(PRIO_PROCESS, 0) != 5)
		return 2;
	/* a deadline that nobody can keep, and a structure of a size that does not exist */
	attr.policy = 6;
	attr.runtime = 100;
	attr.deadline = 50;
	attr.period = 50;
	if (syscall(SYS_sched_setattr, 0, &attr, 0) != -1 || errno != EINVAL)
		return 3;
	attr.size = 20;
	if (syscall(SYS_sched_setattr, 0, &attr, 0) != -1 || errno != E2BIG || attr.size < 48)
		return 4;
	if (setpriority(PRIO_PROCESS, 0, 7) || getpriority(PRIO_PROCESS, 0) != 7)
		return 5;
	move_here();
	param.sched_priority = 3;
	if (sched_setscheduler(0, SCHED_FIFO, &param) || sched_getscheduler(0) != SCHED_FIFO)
		return 6;
	param.sched_priority = 4;
	if (sched_setparam(0, &param))
		return 7;
	param.sched_priority = 0;
	if (sched_getparam(0, &param) || param.sched_priority != 4)
		return 8;
	if (sched_setscheduler(0, SCHED_RR, &param) || sched_rr_get_interval(0, &ts) ||
	    (!ts.tv_sec && !ts.tv_nsec))
		return 9;
	param.sched_priority = 0;
	if (sched_setscheduler(0, SCHED_OTHER, &param))
		return 10;
	if (sched_get_priority_min(SCHED_RR) != 1 || sched_get_priority_max(SCHED_RR) != 99)
		return 11;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return 12;
	move_here();
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) || !CPU_EQUAL(&set, &one))
		return 13;
	if (sched_getaffinity(0, 1, &set) != -1 || errno != EINVAL)
		return 14;
	return 0;
}

MOVE_TEST(proc_sched_attributes)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
