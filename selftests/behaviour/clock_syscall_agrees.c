// SPDX-License-Identifier: GPL-2.0
/* The vdso and the system call tell the same time. */
#include "../move.h"

MOVE_TEST(clock_syscall_agrees)
{
	struct timespec raw;
	int64_t before, after, call;
	int i;

	move_begin();
	move_here();
	for (i = 0; i < 20; i++) {
		before = clock_ns(CLOCK_MONOTONIC);
		ASSERT_EQ(0, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &raw));
		after = clock_ns(CLOCK_MONOTONIC);
		call = raw.tv_sec * 1000000000LL + raw.tv_nsec;
		/* Two machines: the clocks are set to one another within a round trip. */
		EXPECT_GE(call, before - 200000000);
		EXPECT_LE(call, after + 200000000);
	}
}
