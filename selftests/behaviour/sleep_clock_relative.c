// SPDX-License-Identifier: GPL-2.0
/* clock_nanosleep() for a relative time, on CLOCK_REALTIME and CLOCK_BOOTTIME. */
#include "../move.h"

MOVE_TEST(sleep_clock_relative)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_BOOTTIME };
	struct timespec ts = ms_ts(WAIT_MS);
	int64_t start;
	int i;

	for (i = 0; i < 2; i++) {
		move_begin();
		start = now_ms();
		move_later(MOVE_MS);
		EXPECT_EQ(0, clock_nanosleep(clocks[i], 0, &ts, NULL));
		EXPECT_TOOK(start, WAIT_MS);
		move_wait();
	}
}
