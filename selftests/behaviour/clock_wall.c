// SPDX-License-Identifier: GPL-2.0
/* time(), gettimeofday() and clock_gettime() agree and stay near the time before. */
#include "../move.h"
#include <sys/time.h>

MOVE_TEST(clock_wall)
{
	int64_t mono = clock_ns(CLOCK_MONOTONIC), wall = clock_ns(CLOCK_REALTIME), drift;
	struct timeval tv;
	time_t t;

	move_begin();
	move_here();
	t = time(NULL);
	ASSERT_EQ(0, gettimeofday(&tv, NULL));
	EXPECT_GE(tv.tv_sec, t - 1);
	EXPECT_LE(tv.tv_sec, t + 2 * move_slow());
	drift = (clock_ns(CLOCK_REALTIME) - wall) - (clock_ns(CLOCK_MONOTONIC) - mono);
	/* each machine keeps its own wall clock */
	EXPECT_LE(llabs(drift), 2000000000LL * move_slow());
	/* it may have been moved since */
	EXPECT_GE(time(&t), tv.tv_sec - 1);
	EXPECT_GE(t, tv.tv_sec - 1);
}
