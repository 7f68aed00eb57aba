// SPDX-License-Identifier: GPL-2.0
/* brk() grows and shrinks the heap after a move; new pages are zero. */
#include "../move.h"

#define STEP	(1 << 20)

static int all_zero(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i])
			return 0;
	return 1;
}

MOVE_TEST(mem_brk)
{
	char *base = sbrk(STEP);

	ASSERT_NE((void *)-1, base);
	memset(base, 1, STEP);
	move_begin();
	move_here();
	EXPECT_EQ(base + STEP, (char *)sbrk(0));
	EXPECT_EQ(base + STEP, (char *)sbrk(STEP));
	EXPECT_EQ(1, all_zero(base + STEP, STEP));
	memset(base + STEP, 2, STEP);
	move_here();
	EXPECT_EQ(base + 2 * STEP, (char *)sbrk(STEP));
	EXPECT_EQ(1, base[STEP - 1]);
	EXPECT_EQ(2, base[STEP]);
	EXPECT_EQ(1, all_zero(base + 2 * STEP, STEP));
	/* Down and up again: what was given back comes back as zero. */
	EXPECT_NE((void *)-1, sbrk(-2 * STEP));
	EXPECT_EQ(base + STEP, (char *)sbrk(STEP));
	EXPECT_EQ(1, all_zero(base + STEP, STEP));
	EXPECT_NE((void *)-1, sbrk(-2 * STEP));
	EXPECT_EQ(base, (char *)sbrk(0));
}
