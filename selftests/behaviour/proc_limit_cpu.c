// SPDX-License-Identifier: GPL-2.0
/* RLIMIT_CPU: one SIGXCPU at the soft limit for a program that makes no calls. */
#include "../move.h"
#include <sys/resource.h>

static volatile int count;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	count++;
}

static void spin(int64_t ms, int until)
{
	int64_t end = now_ms() + ms * move_slow();
	volatile int i;

	while (count < until && now_ms() < end)
		for (i = 0; i < 100000; i++)
			;
}

MOVE_TEST(proc_limit_cpu)
{
	struct rlimit limit;
	int64_t soft;

	ASSERT_EQ(0, getrlimit(RLIMIT_CPU, &limit));
	ASSERT_EQ(RLIM_INFINITY, limit.rlim_max);
	on_signal(SIGXCPU, handler, 0);
	count = 0;
	move_begin();
	soft = clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000000000 + 1;
	limit.rlim_cur = soft;
	EXPECT_EQ(0, setrlimit(RLIMIT_CPU, &limit));
	move_here();
	spin(20000, 1);
	EXPECT_EQ(1, count);
	/* the limit counts ticks of the clock, which are a rough measure beside others */
	EXPECT_GE(clock_ns(CLOCK_PROCESS_CPUTIME_ID), soft * 1000000000 - 400000000);
	/* the kernel puts it up by a second each time */
	ASSERT_EQ(0, getrlimit(RLIMIT_CPU, &limit));
	EXPECT_LT(soft, (int64_t)limit.rlim_cur);
	limit.rlim_cur = RLIM_INFINITY;
	EXPECT_EQ(0, setrlimit(RLIMIT_CPU, &limit));
	count = 0;
	spin(300, 1);
	EXPECT_EQ(0, count);
	signal(SIGXCPU, SIG_DFL);
}
