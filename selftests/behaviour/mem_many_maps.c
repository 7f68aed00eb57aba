// SPDX-License-Identifier: GPL-2.0
/* 500 mappings with different protections, each its own VMA. */
#include "../move.h"

#define MAPS	500

MOVE_TEST(mem_many_maps)
{
	char *area;
	int i, rw = PROT_READ | PROT_WRITE;

	area = mmap(NULL, 2 * MAPS * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	for (i = 0; i < 2 * MAPS; i++)
		area[i * 4096] = i;
	for (i = 0; i < MAPS; i++)
		ASSERT_EQ(0, mprotect(area + 2 * i * 4096, 4096, PROT_READ));
	move_begin();
	move_here();
	for (i = 0; i < 2 * MAPS; i++)
		ASSERT_EQ((char)i, area[i * 4096]);
	for (i = 0; i < MAPS; i++)
		area[(2 * i + 1) * 4096]++;
	for (i = 0; i < MAPS; i += 2)
		ASSERT_EQ(0, munmap(area + 2 * i * 4096, 4096));
	move_here();
	for (i = 0; i < MAPS; i++)
		ASSERT_EQ((char)(2 * i + 2), area[(2 * i + 1) * 4096]);
	EXPECT_EQ(0, munmap(area, 2 * MAPS * 4096));
}
