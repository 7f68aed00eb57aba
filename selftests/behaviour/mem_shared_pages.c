// SPDX-License-Identifier: GPL-2.0
/*
 * Shared anonymous memory keeps its content while it moves and is changed in every way: written,
 * protected, dropped from this mapping (which changes nothing), dropped for good.
 */
#include "../move.h"

#define PAGES	1024
#define STEPS	1500

static uint64_t model[PAGES];	/* what a page is filled with, 0 for zeroes */
static uint64_t state;
static char *area;

static unsigned int random_below(unsigned int n)
{
	state = pattern(state);
	return state % n;
}

static void write_page(int i)
{
	model[i] = pattern(++state);
	pattern_fill(area + i * 4096, 4096, model[i]);
}

static int page_is_right(int i)
{
	const char *page = area + i * 4096;

	if (model[i])
		return pattern_check(page, 4096, model[i]) < 0;
	return !*page && !memcmp(page, page + 1, 4095);
}

/* One thing at a random place. Return: 0, or what went wrong. */
static int step(void)
{
	int i = random_below(PAGES), n = 1 + random_below(8), j;

	if (i + n > PAGES)
		n = PAGES - i;
	switch (random_below(8)) {
	case 0:
		if (madvise(area + i * 4096, n * 4096, MADV_DONTNEED))
			return 1;
		break;
	case 1:
		if (madvise(area + i * 4096, n * 4096, MADV_REMOVE))
			return 2;
		for (j = i; j < i + n; j++)
			model[j] = 0;
		break;
	case 2:
		if (mprotect(area + i * 4096, n * 4096, PROT_READ) || !page_is_right(i) ||
		    mprotect(area + i * 4096, n * 4096, PROT_READ | PROT_WRITE))
			return 3;
		break;
	case 3:
		if (mlock(area + i * 4096, n * 4096) || munlock(area + i * 4096, n * 4096))
			return 4;
		break;
	case 4:
		write_page(i);
		break;
	}
	for (j = i; j < i + n; j++)
		if (!page_is_right(j))
			return 10 + j;
	return 0;
}

MOVE_TEST(mem_shared_pages)
{
	int i, round;

	area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	memset(model, 0, sizeof(model));
	for (i = 0; i < PAGES; i++)
		if (i % 7)
			write_page(i);
	move_begin();
	for (round = 0; round < 3; round++) {
		move_here();
		for (i = 0; i < STEPS; i++)
			ASSERT_EQ(0, step());
	}
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(1, page_is_right(i));
	EXPECT_EQ(0, munmap(area, PAGES * 4096));
}
