// SPDX-License-Identifier: GPL-2.0
/* 12 MiB, checked and changed in random order while the pages come. */
#include "../move.h"

#define WORDS	(12UL << 17)

MOVE_TEST(mem_huge)
{
	uint64_t *area, i, at;

	area = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	/* One word in each 64 is enough to tell pages and their parts apart. */
	for (i = 0; i < WORDS; i += 64)
		area[i] = pattern(i);
	move_begin();
	move_here();
	for (i = 0; i < 10000; i++) {
		at = pattern(i) % WORDS & ~63UL;
		ASSERT_EQ(pattern(at), area[at]);
		area[at + 1] = at;
	}
	move_here();
	for (i = 0; i < WORDS; i += 64)
		ASSERT_EQ(pattern(i), area[i]);
	for (i = 0; i < 10000; i++) {
		at = pattern(i) % WORDS & ~63UL;
		ASSERT_EQ(at, area[at + 1]);
	}
	EXPECT_EQ(0, munmap(area, WORDS * 8));
}
