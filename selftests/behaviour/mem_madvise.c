// SPDX-License-Identifier: GPL-2.0
/* MADV_DONTNEED gives zero pages after a move: pages that were still elsewhere do not come back. */
#include "../move.h"

#define PAGES	1024

MOVE_TEST(mem_madvise)
{
	char *area;
	int i;

	area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	memset(area, 5, PAGES * 4096);
	move_begin();
	move_here();
	EXPECT_EQ(0, madvise(area, PAGES / 2 * 4096, MADV_DONTNEED));
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(i < PAGES / 2 ? 0 : 5, area[i * 4096 + 17]);
	area[0] = 6;
	move_here();
	EXPECT_EQ(6, area[0]);
	EXPECT_EQ(0, madvise(area, 4096, MADV_DONTNEED));
	EXPECT_EQ(0, area[0]);
	EXPECT_EQ(5, area[(PAGES - 1) * 4096]);
	move_here();
	EXPECT_EQ(0, area[0]);
	EXPECT_EQ(0, munmap(area, PAGES * 4096));
}
