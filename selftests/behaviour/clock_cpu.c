// SPDX-License-Identifier: GPL-2.0
/* CPU-time clocks never go back, count what is used elsewhere, and agree with times(). */
#include "../move.h"
#include <sys/resource.h>
#include <sys/times.h>

static int64_t usage_ns(void)
{
	struct rusage ru;

	if (getrusage(RUSAGE_SELF, &ru))
		abort();
	return (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000000LL +
	       (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * 1000LL;
}

static int64_t burn(int64_t ns)
{
	int64_t start = clock_ns(CLOCK_PROCESS_CPUTIME_ID), now;
	volatile int i;

	do
		for (i = 0; i < 100000; i++)
			;
	while ((now = clock_ns(CLOCK_PROCESS_CPUTIME_ID)) - start < ns);
	return now;
}

MOVE_TEST(clock_cpu)
{
	int64_t before, after, usage, ticks;
	struct tms tms;

	before = burn(100000000);
	usage = usage_ns();
	move_begin();
	move_here();
	after = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT_GE(after, before);
	EXPECT_GE(usage_ns(), usage);
	EXPECT_GE(clock_ns(CLOCK_THREAD_CPUTIME_ID), before / 2);
	before = after;
	after = burn(200000000);
	EXPECT_GE(after - before, 200000000);
	EXPECT_GE(usage_ns(), usage + 150000000);
	ASSERT_NE((clock_t)-1, times(&tms));
	ticks = tms.tms_utime + tms.tms_stime;
	EXPECT_GE(ticks, after / 10000000 * 8 / 10);
}
