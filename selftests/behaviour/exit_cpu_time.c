// SPDX-License-Identifier: GPL-2.0
/* CPU time used on other nodes shows in what wait4() tells the parent. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static void child(struct __test_metadata *_metadata)
{
	struct timespec ts;
	int64_t until;
	volatile int i;

	move_begin();
	move_here();
	until = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + 600000000;
	do {
		for (i = 0; i < 20000000; i++)
			;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	} while (ts.tv_sec * 1000000000LL + ts.tv_nsec < until);
	_exit(0);
}

MOVE_TEST(exit_cpu_time)
{
	struct rusage ru;
	int64_t used;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata);
	ASSERT_EQ(pid, wait4(pid, &status, 0, &ru));
	EXPECT_EQ(0, status);
	used = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
	       (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000;
	EXPECT_GE(used, 590);
	/* the moves take system time */
	EXPECT_GE(ru.ru_utime.tv_sec * 1000 + ru.ru_utime.tv_usec / 1000, 150);
	EXPECT_LE(used, 30000);
}
