// SPDX-License-Identifier: GPL-2.0
/* What is unmapped while pages are still elsewhere stays unmapped, and maps as zero again. */
#include "../move.h"

#define PAGES	2048

MOVE_TEST(mem_munmap)
{
	char *area, *hole;
	unsigned char vec;
	int i;

	area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	memset(area, 7, PAGES * 4096);
	hole = area + PAGES / 4 * 4096;
	move_begin();
	move_here();
	EXPECT_EQ(0, munmap(hole, PAGES / 4 * 4096));
	EXPECT_EQ(-1, mincore(hole, 4096, &vec));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(7, hole[-1]);
	EXPECT_EQ(7, hole[PAGES / 4 * 4096]);
	move_here();
	EXPECT_EQ(-1, mincore(hole, 4096, &vec));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(hole, mmap(hole, PAGES / 4 * 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	for (i = 0; i < PAGES / 4; i++)
		ASSERT_EQ(0, hole[i * 4096 + i % 4096]);
	for (i = 0; i < PAGES / 4; i++)
		ASSERT_EQ(7, area[i * 4096]);
	EXPECT_EQ(0, munmap(area, PAGES * 4096));
}
