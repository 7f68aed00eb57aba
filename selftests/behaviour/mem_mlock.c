// SPDX-License-Identifier: GPL-2.0
/* mlock(), mincore() and msync() of private memory give the same results as at home. */
#include "../move.h"

MOVE_TEST(mem_mlock)
{
	unsigned char vec[16];
	char *area;
	int i;

	area = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	memset(area, 3, 16 * 4096);
	move_begin();
	move_here();
	ASSERT_EQ(0, mlock(area, 8 * 4096));
	ASSERT_EQ(0, mincore(area, 8 * 4096, vec));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(1, vec[i] & 1);
	EXPECT_EQ(0, msync(area, 16 * 4096, MS_SYNC));
	for (i = 0; i < 16; i++)
		EXPECT_EQ(3, area[i * 4096]);
	EXPECT_EQ(0, munlock(area, 8 * 4096));
	EXPECT_EQ(-1, mlock((void *)16, 4096));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(0, munmap(area, 16 * 4096));
}
