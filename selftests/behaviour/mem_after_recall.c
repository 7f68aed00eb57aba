// SPDX-License-Identifier: GPL-2.0
/*
 * Right after it has come home for a system call, while most of its pages are still on their way,
 * a program moves its mappings about: mremap, munmap and mmap at the same place, brk.
 */
#include "../move.h"
#include <sched.h>

#define BYTES	(2 << 20)
#define PART	(1 << 19)
#define ROUNDS	3

/* Runs at home only, and changes nothing. */
static int recall(void)
{
	return unshare(0);
}

static int all_zero(const char *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

static char *map(void *at, size_t bytes)
{
	return mmap(at, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
}

MOVE_TEST(mem_after_recall)
{
	char *a, *b, *heap, *moved;
	int i;

	a = map(NULL, BYTES);
	b = map(NULL, BYTES);
	ASSERT_NE(MAP_FAILED, a);
	ASSERT_NE(MAP_FAILED, b);
	heap = sbrk(BYTES);
	ASSERT_NE((void *)-1, heap);
	pattern_fill(heap, BYTES, 3);
	move_begin();
	for (i = 0; i < ROUNDS; i++) {
		pattern_fill(a, BYTES, i);
		pattern_fill(b, BYTES, ~i);
		move_here();
		ASSERT_EQ(0, recall());
		moved = mremap(a, BYTES, 2 * BYTES, MREMAP_MAYMOVE);
		ASSERT_NE(MAP_FAILED, moved);
		ASSERT_EQ(0, munmap(b + PART, PART));
		ASSERT_EQ(b + PART, map(b + PART, PART));
		ASSERT_NE((void *)-1, sbrk(-2 * PART));
		ASSERT_EQ(heap + BYTES - 2 * PART, sbrk(2 * PART));
		EXPECT_EQ(1, all_zero(b + PART, PART));
		EXPECT_EQ(1, all_zero(heap + BYTES - 2 * PART, 2 * PART));
		EXPECT_EQ(1, all_zero(moved + BYTES, BYTES));
		EXPECT_EQ(-1, pattern_check(moved, BYTES, i));
		EXPECT_EQ(-1, pattern_check(b, PART, ~i));
		EXPECT_EQ(-1, pattern_check(b + 2 * PART, BYTES - 2 * PART, ~i + 2 * PART / 8));
		EXPECT_EQ(-1, pattern_check(heap, BYTES - 2 * PART, 3));
		pattern_fill(heap + BYTES - 2 * PART, 2 * PART, 3 + (BYTES - 2 * PART) / 8);
		/* back to where it was, with its pages partly here and partly there */
		move_here();
		ASSERT_EQ(0, recall());
		a = mremap(moved, 2 * BYTES, BYTES, MREMAP_MAYMOVE);
		ASSERT_NE(MAP_FAILED, a);
		EXPECT_EQ(-1, pattern_check(a, BYTES, i));
		EXPECT_EQ(-1, pattern_check(heap, BYTES, 3));
	}
	munmap(a, BYTES);
	munmap(b, BYTES);
	ASSERT_EQ(0, brk(heap));
}
