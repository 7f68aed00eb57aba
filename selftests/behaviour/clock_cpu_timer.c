// SPDX-License-Identifier: GPL-2.0
/* While a CPU timer runs, the CPU clocks are read from other sums of the kernel: these count too. */
#include "../move.h"
#include <sys/time.h>

MOVE_TEST(clock_cpu_timer)
{
	struct itimerval it = { .it_value = { 100000, 0 } };
	int64_t before, end;
	volatile int i;

	ASSERT_EQ(0, setitimer(ITIMER_PROF, &it, NULL));
	move_begin();
	move_here();
	before = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + 200000000;
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		for (i = 0; i < 100000; i++)
			;
	EXPECT_GE(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before, 190000000);
	memset(&it, 0, sizeof(it));
	ASSERT_EQ(0, setitimer(ITIMER_PROF, &it, NULL));
}
