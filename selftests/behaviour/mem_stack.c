// SPDX-License-Identifier: GPL-2.0
/* The stack is intact and still grows after a move. */
#include "../move.h"

/* Use about 1 KiB of stack for each level and check all of it on the way back. */
static __attribute__((noinline)) long dig(int depth, long seed)
{
	uint64_t frame[120];
	long below = 0;

	pattern_fill(frame, sizeof(frame), seed + depth);
	if (depth)
		below = dig(depth - 1, seed);
	else
		move_here();
	if (pattern_check(frame, sizeof(frame), seed + depth) != -1)
		return -1000000;
	return below + 1;
}

MOVE_TEST(mem_stack)
{
	move_begin();
	EXPECT_EQ(101, dig(100, 1));
	/* 4 MiB more than ever before. */
	EXPECT_EQ(4001, dig(4000, 2));
	move_here();
	EXPECT_EQ(6001, dig(6000, 3));
}
