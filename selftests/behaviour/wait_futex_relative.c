// SPDX-License-Identifier: GPL-2.0
/* FUTEX_WAIT with a relative time-out ends at the right time. */
#include "../move.h"
#include <linux/futex.h>

MOVE_TEST(wait_futex_relative)
{
	struct timespec ts = ms_ts(WAIT_MS);
	uint32_t word = 5;
	int64_t start;

	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	EXPECT_EQ(-1, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &ts, NULL, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
	EXPECT_EQ(-1, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 6, &ts, NULL, 0));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
}
