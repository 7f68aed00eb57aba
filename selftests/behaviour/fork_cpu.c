// SPDX-License-Identifier: GPL-2.0
/* CPU time of a child that runs away from home is its parent's to see, and begins at 0 for the child. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define BURN_MS	300

static int64_t used_ms(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000LL +
	       (ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1000;
}

static int64_t cpu_ms(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000000;
}

MOVE_TEST(fork_cpu)
{
	struct rusage before, after, ru;
	volatile unsigned int i;
	int status;
	pid_t pid;

	for (i = 0; cpu_ms() < BURN_MS; i++)
		;
	move_begin();
	move_here();
	ASSERT_EQ(0, getrusage(RUSAGE_CHILDREN, &before));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (cpu_ms() > BURN_MS / 2)
			_exit(1);
		while (cpu_ms() < BURN_MS)
			for (i = 0; i < 100000; i++)
				;
		_exit(0);
	}
	ASSERT_EQ(pid, wait4(pid, &status, 0, &ru));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, getrusage(RUSAGE_CHILDREN, &after));
	EXPECT_LE(BURN_MS - 20, used_ms(&ru));
	EXPECT_GE(BURN_MS * 10 * move_slow(), used_ms(&ru));
	EXPECT_LE(BURN_MS - 20, used_ms(&after) - used_ms(&before));
}
