// SPDX-License-Identifier: GPL-2.0
/* A mapped file is unmapped elsewhere, read by its name, and mapped again. */
#include "../named.h"

MOVE_TEST(named_unmap)
{
	char *p;

	named_begin();
	p = named_map();
	pattern_fill(p, NAMED_HALF, 1);
	move_begin();
	move_here();
	pattern_fill(p + NAMED_HALF, NAMED_HALF, 2);
	EXPECT_EQ(0, munmap(p, NAMED_BYTES));
	/* it may go on without it */
	move_here();
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 1));
	EXPECT_EQ(-1, named_check(NAMED_HALF, NAMED_HALF, 2));
	p = named_map();
	EXPECT_EQ(-1, pattern_check(p, NAMED_HALF, 1));
	pattern_fill(p, NAMED_HALF, 3);
	move_here();
	EXPECT_EQ(-1, pattern_check(p, NAMED_HALF, 3));
	pattern_fill(p, NAMED_HALF, 4);
	EXPECT_EQ(0, msync(p, NAMED_BYTES, MS_SYNC));
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 4));
	EXPECT_EQ(0, munmap(p, NAMED_BYTES));
	EXPECT_EQ(0, unlink(named_path));
}
