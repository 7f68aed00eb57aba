// SPDX-License-Identifier: GPL-2.0
/* A mapping is moved right beside one whose pages are elsewhere: the two may become one. */
#include "../move.h"

#define SMALL	(64UL * 1024)
#define LARGE	(8UL * 1024 * 1024)

static char *map(size_t size, int prot)
{
	return mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

MOVE_TEST(mem_mremap_beside)
{
	char *from = map(SMALL + LARGE, PROT_READ | PROT_WRITE), *to = map(SMALL + LARGE, PROT_NONE);
	char *large = to + SMALL;
	int i;

	ASSERT_NE(MAP_FAILED, from);
	ASSERT_NE(MAP_FAILED, to);
	/* parts of one mapping, as far apart as before: the kernel would join them again */
	pattern_fill(from, SMALL + LARGE, 1);
	ASSERT_EQ(large, mremap(from + SMALL, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, large));
	move_begin();
	for (i = 2; i < 5; i++) {
		pattern_fill(large, LARGE, i);
		move_here();
		ASSERT_EQ(to, mremap(from, SMALL, SMALL, MREMAP_MAYMOVE | MREMAP_FIXED, to));
		EXPECT_EQ(-1, pattern_check(large, LARGE, i));
		EXPECT_EQ(-1, pattern_check(to, SMALL, 1));
		ASSERT_EQ(from, mremap(to, SMALL, SMALL, MREMAP_MAYMOVE | MREMAP_FIXED, from));
	}
	EXPECT_EQ(-1, pattern_check(from, SMALL, 1));
	move_end();
	munmap(from, SMALL + LARGE);
	munmap(to, SMALL + LARGE);
}
