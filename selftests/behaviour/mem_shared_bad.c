// SPDX-License-Identifier: GPL-2.0
/*
 * A page of shared memory that cannot be read, since its memory has failed: SIGBUS for who touches
 * it, wherever that is, until it is given up. All others are as they were.
 */
#include "../move.h"
#include <setjmp.h>

#define PAGES	100
#define BAD	37
#define SIZE	(PAGES * 4096UL)

static sigjmp_buf out;

static void handler(int sig, siginfo_t *info, void *uc)
{
	siglongjmp(out, 1);
}

static int touch_fails(volatile char *p)
{
	if (sigsetjmp(out, 1))
		return 1;
	(void)*p;
	return 0;
}

static int others_right(char *map, uint64_t seed)
{
	return pattern_check(map, BAD * 4096UL, seed) == -1 &&
	       pattern_check(map + (BAD + 1) * 4096UL, SIZE - (BAD + 1) * 4096UL,
			     seed + (BAD + 1) * 512UL) == -1;
}

MOVE_TEST(mem_shared_bad)
{
	char *map, *bad;
	int i;

	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	bad = map + BAD * 4096UL;
	pattern_fill(map, SIZE, 1);
	on_signal(SIGBUS, handler, 0);
	ASSERT_EQ(0, madvise(bad, 4096, MADV_HWPOISON));
	move_begin();
	for (i = 0; i < 2; i++) {
		move_here();
		EXPECT_EQ(1, others_right(map, 1));
		EXPECT_EQ(1, touch_fails(bad));
	}
	/* from the memory, and from the page table, which remembers */
	EXPECT_EQ(0, madvise(bad, 4096, MADV_REMOVE));
	EXPECT_EQ(0, madvise(bad, 4096, MADV_DONTNEED));
	EXPECT_EQ(0, touch_fails(bad));
	move_here();
	EXPECT_EQ(0, *bad);
	EXPECT_EQ(1, others_right(map, 1));
	EXPECT_EQ(0, munmap(map, SIZE));
	signal(SIGBUS, SIG_DFL);
}
