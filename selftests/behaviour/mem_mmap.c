// SPDX-License-Identifier: GPL-2.0
/* Anonymous mappings of before survive; new ones after the move work and do not collide. */
#include "../move.h"

#define BYTES	(4UL << 20)

static char *map(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

MOVE_TEST(mem_mmap)
{
	char *before = map(BYTES), *after[8], *fixed;
	int i;

	ASSERT_NE(MAP_FAILED, before);
	pattern_fill(before, BYTES, 3);
	move_begin();
	move_here();
	for (i = 0; i < 8; i++) {
		after[i] = map(BYTES / 8);
		ASSERT_NE(MAP_FAILED, after[i]);
		ASSERT_EQ(0, after[i][BYTES / 16]);
		pattern_fill(after[i], BYTES / 8, i);
	}
	fixed = mmap(before + 8192, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	EXPECT_EQ(before + 8192, fixed);
	EXPECT_EQ(0, fixed[100]);
	EXPECT_EQ(MAP_FAILED, mmap(before, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
				   MAP_FIXED_NOREPLACE, -1, 0));
	EXPECT_EQ(EEXIST, errno);
	move_here();
	EXPECT_EQ(-1, pattern_check(before, 8192, 3));
	EXPECT_EQ(0, fixed[200]);
	EXPECT_EQ(-1, pattern_check(before + 12288, BYTES - 12288, 3 + 12288 / 8));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(-1, pattern_check(after[i], BYTES / 8, i));
		EXPECT_EQ(0, munmap(after[i], BYTES / 8));
	}
	EXPECT_EQ(0, munmap(before, BYTES));
}
