// SPDX-License-Identifier: GPL-2.0
/* FUTEX_WAIT_BITSET until a time of CLOCK_MONOTONIC and of CLOCK_REALTIME. */
#include "../move.h"
#include <linux/futex.h>

MOVE_TEST(wait_futex_absolute)
{
	static const int flags[] = { 0, FUTEX_CLOCK_REALTIME };
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
	int64_t until, late;
	struct timespec ts;
	uint32_t word = 5;
	int i;

	for (i = 0; i < 2; i++) {
		move_begin();
		until = clock_ns(clocks[i]) + WAIT_MS * 1000000LL;
		ts.tv_sec = until / 1000000000;
		ts.tv_nsec = until % 1000000000;
		move_later(MOVE_MS);
		EXPECT_EQ(-1, syscall(SYS_futex, &word,
				      FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | flags[i], 5, &ts,
				      NULL, FUTEX_BITSET_MATCH_ANY));
		EXPECT_EQ(ETIMEDOUT, errno);
		late = (clock_ns(clocks[i]) - until) / 1000000;
		EXPECT_GE(late, i ? -WALL_SLOP_MS : -MONO_SLOP_MS);
		EXPECT_LE(late, SLACK_MS + (i ? WALL_SLOP_MS : 0));
		move_wait();
	}
}
