// SPDX-License-Identifier: GPL-2.0
/* Two halves of a mapping that differ at the time of the move become one again after it. */
#include "../move.h"

#define HALF	(2 << 20)

MOVE_TEST(mem_join)
{
	char *p, *q;

	p = mmap(NULL, 2 * HALF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)p);
	/* only of one half there is anything to bring along */
	pattern_fill(p + HALF, HALF, 7);
	ASSERT_EQ(0, mprotect(p, HALF, PROT_READ));
	move_begin();
	move_here();
	ASSERT_EQ(0, mprotect(p, HALF, PROT_READ | PROT_WRITE));
	q = mremap(p, 2 * HALF, 4 * HALF, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, (void *)q);
	EXPECT_EQ(-1, pattern_check(q + HALF, HALF, 7));
	EXPECT_EQ(0, q[0] | q[4 * HALF - 1]);
	ASSERT_EQ(0, munmap(q, 4 * HALF));
}
