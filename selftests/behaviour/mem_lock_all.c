// SPDX-License-Identifier: GPL-2.0
/* mlockall(), mlock2(), munlockall(): present and later mappings stay in memory; limits hold. */
#include "../move.h"
#include <sys/resource.h>

#define BYTES	(64 * 4096)

static char *map(void)
{
	return mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int resident(char *p)
{
	unsigned char vec[BYTES / 4096];
	int i, n = 0;

	if (mincore(p, BYTES, vec))
		return -1;
	for (i = 0; i < BYTES / 4096; i++)
		n += vec[i] & 1;
	return n;
}

MOVE_TEST(mem_lock_all)
{
	char *a, *b;

	a = map();
	ASSERT_NE(MAP_FAILED, a);
	move_begin();
	move_here();
	EXPECT_EQ(0, mlock2(a, BYTES, MLOCK_ONFAULT));
	EXPECT_EQ(0, resident(a));
	a[4096] = 1;
	EXPECT_EQ(1, resident(a));
	EXPECT_EQ(0, mlock(a, BYTES));
	EXPECT_EQ(BYTES / 4096, resident(a));
	EXPECT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	move_here();
	b = map();
	ASSERT_NE(MAP_FAILED, b);
	EXPECT_EQ(BYTES / 4096, resident(b));
	EXPECT_EQ(-1, mlockall(0x40));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, munlockall());
	EXPECT_EQ(1, a[4096]);
	EXPECT_EQ(0, munmap(a, BYTES));
	EXPECT_EQ(0, munmap(b, BYTES));
}
