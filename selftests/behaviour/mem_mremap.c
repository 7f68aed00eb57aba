// SPDX-License-Identifier: GPL-2.0
/* mremap() grows in place or moves, with pages that are here and pages that are not yet. */
#include "../move.h"

#define BYTES	(4UL << 20)

MOVE_TEST(mem_mremap)
{
	char *a, *b, *target;

	a = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	target = mmap(NULL, 4 * BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, a);
	ASSERT_NE(MAP_FAILED, target);
	pattern_fill(a, BYTES, 9);
	move_begin();
	move_here();
	b = mremap(a, BYTES, 2 * BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	ASSERT_EQ(target, b);
	EXPECT_EQ(-1, pattern_check(b, BYTES, 9));
	EXPECT_EQ(0, b[BYTES + 5]);
	pattern_fill(b + BYTES, BYTES, 10);
	move_here();
	/* Shrink, then move again without having touched anything here. */
	ASSERT_EQ(b, mremap(b, 2 * BYTES, BYTES + 8192, 0));
	a = mremap(b, BYTES + 8192, BYTES + 8192, MREMAP_MAYMOVE | MREMAP_FIXED,
		   target + 2 * BYTES);
	ASSERT_EQ(target + 2 * BYTES, a);
	EXPECT_EQ(-1, pattern_check(a, BYTES, 9));
	EXPECT_EQ(-1, pattern_check(a + BYTES, 8192, 10));
	move_here();
	EXPECT_EQ(-1, pattern_check(a, BYTES, 9));
	EXPECT_EQ(0, munmap(target, 4 * BYTES));
}
