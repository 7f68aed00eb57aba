// SPDX-License-Identifier: GPL-2.0
/* The vdso and the system call tell the same time. */
#include "../move.h"

static int64_t asked_ns(clockid_t clock)
{
	struct timespec ts = {};

	syscall(SYS_clock_gettime, clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Wall clocks of two machines differ, and a move may come in between: sometimes none does. */
static int agrees(clockid_t clock)
{
	int64_t before, call;
	int i;

	for (i = 0; i < 100; i++) {
		before = clock_ns(clock);
		call = asked_ns(clock);
		if (before <= call && call <= clock_ns(clock))
			return 1;
	}
	return 0;
}

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
	EXPECT_EQ(1, agrees(CLOCK_REALTIME));
	EXPECT_EQ(1, agrees(CLOCK_TAI));
	EXPECT_EQ(1, agrees(CLOCK_BOOTTIME));
}
