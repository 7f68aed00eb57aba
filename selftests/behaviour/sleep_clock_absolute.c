// SPDX-License-Identifier: GPL-2.0
/* clock_nanosleep() until a time of CLOCK_MONOTONIC and of CLOCK_REALTIME. */
#include "../move.h"

MOVE_TEST(sleep_clock_absolute)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
	struct timespec ts;
	int64_t until, late;
	int i;

	for (i = 0; i < 2; i++) {
		move_begin();
		until = clock_ns(clocks[i]) + WAIT_MS * 1000000LL;
		ts.tv_sec = until / 1000000000;
		ts.tv_nsec = until % 1000000000;
		move_later(MOVE_MS);
		EXPECT_EQ(0, clock_nanosleep(clocks[i], TIMER_ABSTIME, &ts, NULL));
		late = (clock_ns(clocks[i]) - until) / 1000000;
		EXPECT_GE(late, i ? -WALL_SLOP_MS : -MONO_SLOP_MS);
		EXPECT_LE(late, SLACK_MS + (i ? WALL_SLOP_MS : 0));
		move_wait();
	}
}
