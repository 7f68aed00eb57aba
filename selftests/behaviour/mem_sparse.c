// SPDX-License-Identifier: GPL-2.0
/* 8 GiB of address space with a few pages in use: the rest stays zero and costs nothing. */
#include "../move.h"

#define BYTES	(8UL << 30)
#define STEP	(BYTES / 64)

/* Resident pages of this process, as home sees them. */
static long resident(void)
{
	long size = 0, rss = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%ld %ld", &size, &rss) != 2)
		abort();
	fclose(f);
	return rss;
}

MOVE_TEST(mem_sparse)
{
	char *area;
	int i;

	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, madvise(area, BYTES, MADV_NOHUGEPAGE));
	for (i = 0; i < 64; i++)
		area[i * STEP + 4096 + i] = i + 1;
	move_begin();
	move_here();
	for (i = 0; i < 64; i++) {
		ASSERT_EQ(i + 1, area[i * STEP + 4096 + i]);
		ASSERT_EQ(0, area[i * STEP + 4096 + i + 64]);
		ASSERT_EQ(0, area[i * STEP]);
		ASSERT_EQ(0, area[i * STEP + STEP / 2]);
	}
	move_here();
	for (i = 0; i < 64; i++)
		ASSERT_EQ(i + 1, area[i * STEP + 4096 + i]);
	EXPECT_LT(resident(), 16384);
	EXPECT_EQ(0, munmap(area, BYTES));
}
