// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory that is mapped twice is one memory after a move: what is written, or dropped, at one
 * place is so at the other. mremap() makes a mapping of another part of it, moves and grows
 * mappings.
 */
#include "../move.h"

#define PAGE	4096UL
#define PAGES	512UL
#define HALF	(PAGES / 2)

static int same(const char *a, const char *b, size_t pages)
{
	return !memcmp(a, b, pages * PAGE);
}

MOVE_TEST(mem_shared_alias)
{
	char *a, *b, *c, *room;

	room = mmap(NULL, 2 * PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, room);
	ASSERT_NE(MAP_FAILED, a);
	pattern_fill(a, PAGES * PAGE, 1);
	move_begin();
	/* of old size 0: one more mapping of the same */
	b = mremap(a, 0, PAGES * PAGE, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, b);
	move_here();
	b[5 * PAGE] = 'x';
	EXPECT_EQ('x', a[5 * PAGE]);
	a[6 * PAGE + 1] = 'y';
	EXPECT_EQ('y', b[6 * PAGE + 1]);
	EXPECT_EQ(0, madvise(b + 100 * PAGE, 10 * PAGE, MADV_REMOVE));
	EXPECT_EQ(0, a[100 * PAGE + 3]);
	EXPECT_EQ(0, b[109 * PAGE]);
	EXPECT_EQ(-1, pattern_check(a + 110 * PAGE, PAGE, 1 + 110 * PAGE / 8));
	pattern_fill(a, PAGES * PAGE, 2);
	move_here();
	/* a third while most of it is elsewhere; then only that is left */
	c = mremap(b, 0, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_EQ(room, c);
	EXPECT_EQ(0, munmap(a, PAGES * PAGE));
	EXPECT_EQ(0, munmap(b, PAGES * PAGE));
	EXPECT_EQ(-1, pattern_check(c, PAGES * PAGE, 2));
	pattern_fill(c, PAGES * PAGE, 3);
	move_here();
	/* what is not mapped is not gone */
	ASSERT_EQ(c, mremap(c, PAGES * PAGE, HALF * PAGE, 0));
	move_here();
	b = mremap(c, HALF * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   room + PAGES * PAGE);
	ASSERT_EQ(room + PAGES * PAGE, b);
	EXPECT_EQ(-1, pattern_check(b, PAGES * PAGE, 3));
	a = mremap(b, 0, PAGES * PAGE, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, a);
	EXPECT_EQ(1, same(a, b, PAGES));
	EXPECT_EQ(0, munmap(a, PAGES * PAGE));
	EXPECT_EQ(0, munmap(room, 2 * PAGES * PAGE));
}
