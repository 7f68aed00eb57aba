// SPDX-License-Identifier: GPL-2.0
/* CLOCK_MONOTONIC and CLOCK_BOOTTIME neither go back nor jump at a move; the raw one is near them. */
#include "../move.h"

#define JUMP_NS	(2000000000LL * move_slow())

MOVE_TEST(clock_steady)
{
	static const clockid_t clocks[] = {
		CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW,
	};
	int64_t last[4], now;
	int i;

	for (i = 0; i < 4; i++)
		last[i] = clock_ns(clocks[i]);
	move_begin();
	move_later(10);
	do {
		for (i = 0; i < 4; i++) {
			now = clock_ns(clocks[i]);
			ASSERT_GE(now, last[i] - (i == 3 ? JUMP_NS : 0))
				TH_LOG("clock %d", clocks[i]);
			ASSERT_LE(now - last[i], JUMP_NS);
			last[i] = now;
		}
	} while (!move_done());
}
