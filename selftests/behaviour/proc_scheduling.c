// SPDX-License-Identifier: GPL-2.0
/* nice, scheduling class, affinity and I/O priority are asked and set at home. */
#include "../move.h"
#include <sched.h>
#include <sys/resource.h>

static int child(struct __test_metadata *_metadata)
{
	struct sched_param param = { 0 };
	cpu_set_t before, after;

	if (nice(3) != 3 || sched_getaffinity(0, sizeof(before), &before))
		return 1;
	/* Best effort, level 6. */
	if (syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6))
		return 2;
	move_begin();
	move_here();
	errno = 0;
	if (getpriority(PRIO_PROCESS, 0) != 3 || errno)
		return 3;
	if (syscall(SYS_ioprio_get, 1, 0) != (2 << 13 | 6))
		return 4;
	CPU_ZERO(&after);
	if (sched_getaffinity(0, sizeof(after), &after) || !CPU_EQUAL(&before, &after))
		return 5;
	if (sched_getscheduler(0) != SCHED_OTHER)
		return 6;
	if (nice(4) != 7 || getpriority(PRIO_PROCESS, getpid()) != 7)
		return 7;
	if (sched_setscheduler(0, SCHED_BATCH, &param) || sched_getscheduler(0) != SCHED_BATCH)
		return 8;
	if (sched_get_priority_max(SCHED_FIFO) != 99 || sched_yield())
		return 9;
	return 0;
}

MOVE_TEST(proc_scheduling)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
