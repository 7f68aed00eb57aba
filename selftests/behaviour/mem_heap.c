// SPDX-License-Identifier: GPL-2.0
/* 8 MiB of heap written before the move are there after it; new heap can be had. */
#include "../move.h"
#include <malloc.h>

#define BYTES	(8UL << 20)

MOVE_TEST(mem_heap)
{
	char *small[1000], *big;
	int i;

	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	big = malloc(BYTES);
	ASSERT_NE(NULL, big);
	pattern_fill(big, BYTES, 1);
	for (i = 0; i < 1000; i++) {
		small[i] = malloc(16 + i);
		memset(small[i], i, 16 + i);
	}
	move_begin();
	move_here();
	EXPECT_EQ(-1, pattern_check(big, BYTES, 1));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ((char)i, small[i][15 + i]);
		small[i] = realloc(small[i], 3000 + i);
		ASSERT_EQ((char)i, small[i][15 + i]);
	}
	pattern_fill(big, BYTES, 2);
	move_here();
	EXPECT_EQ(-1, pattern_check(big, BYTES, 2));
	free(big);
	for (i = 0; i < 1000; i++)
		free(small[i]);
}
