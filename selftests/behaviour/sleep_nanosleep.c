// SPDX-License-Identifier: GPL-2.0
/* nanosleep() moved in its midst ends at the right time. */
#include "../move.h"

MOVE_TEST(sleep_nanosleep)
{
	struct timespec ts = ms_ts(WAIT_MS);
	int64_t start;

	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	EXPECT_EQ(0, nanosleep(&ts, NULL));
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
}
