// SPDX-License-Identifier: GPL-2.0
/*
 * A few pages in a very large piece of shared memory: they move, the holes between them stay holes
 * and cost nothing.
 */
#include "../move.h"

#define SIZE	(512UL << 30)
#define STRIDE	(1UL << 30)
#define PAGES	(SIZE / STRIDE)

static uint64_t *at(char *map, unsigned long i)
{
	/* now and then the last page of a stride */
	return (void *)(map + i * STRIDE + (i % 3 ? STRIDE - 4096 : 0));
}

MOVE_TEST(mem_shared_sparse)
{
	unsigned long i, round;
	char *map;

	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < PAGES; i += 2)
		*at(map, i) = pattern(i);
	move_begin();
	for (round = 0; round < 3; round++) {
		move_here();
		for (i = 0; i < PAGES; i += 2) {
			ASSERT_EQ(pattern(i + round), *at(map, i));
			*at(map, i) = pattern(i + round + 1);
			ASSERT_EQ(0, at(map, i)[512]);
		}
	}
	EXPECT_EQ(0, *at(map, 1));
	EXPECT_EQ(0, munmap(map, SIZE));
}
