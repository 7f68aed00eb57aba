// SPDX-License-Identifier: GPL-2.0
/* A region of transparent huge pages keeps its content and may be huge again. */
#include "../move.h"

#define HUGE	(2UL << 20)

MOVE_TEST(mem_thp)
{
	char *raw, *area;

	raw = mmap(NULL, 5 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, raw);
	area = (char *)(((uintptr_t)raw + HUGE - 1) & -HUGE);
	ASSERT_EQ(0, madvise(area, 4 * HUGE, MADV_HUGEPAGE));
	pattern_fill(area, 2 * HUGE, 12);
	move_begin();
	move_here();
	EXPECT_EQ(-1, pattern_check(area, 2 * HUGE, 12));
	/* Never touched before: fresh huge pages. */
	EXPECT_EQ(0, area[2 * HUGE + 12345]);
	pattern_fill(area + 2 * HUGE, 2 * HUGE, 13);
	/* Split one. */
	EXPECT_EQ(0, madvise(area + 4096, 4096, MADV_DONTNEED));
	EXPECT_EQ(0, area[4096]);
	move_here();
	EXPECT_EQ(-1, pattern_check(area, 4096, 12));
	EXPECT_EQ(0, area[4096]);
	EXPECT_EQ(-1, pattern_check(area + 8192, 2 * HUGE - 8192, 12 + 1024));
	EXPECT_EQ(-1, pattern_check(area + 2 * HUGE, 2 * HUGE, 13));
	EXPECT_EQ(0, munmap(raw, 5 * HUGE));
}
