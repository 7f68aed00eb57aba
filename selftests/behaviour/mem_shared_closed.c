// SPDX-License-Identifier: GPL-2.0
/*
 * A memfd whose descriptor has been closed is memory like any other: only this process has it. It
 * ends in the middle of a page, and before its mapping does.
 */
#include "../move.h"
#include <setjmp.h>

#define PAGES	300UL
#define BYTES	(PAGES * 4096 + 100)
#define MAPPED	((PAGES + 5) * 4096)

static sigjmp_buf beyond;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	siglongjmp(beyond, 1);
}

static int faults(volatile char *p)
{
	if (sigsetjmp(beyond, 1))
		return 1;
	(void)*p;
	return 0;
}

MOVE_TEST(mem_shared_closed)
{
	int fd, i;
	char *p;

	fd = memfd_create("closed", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, BYTES));
	p = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, close(fd));
	on_signal(SIGBUS, on_sigbus, 0);
	pattern_fill(p, BYTES & ~7UL, 1);
	move_begin();
	for (i = 1; i < 4; i++) {
		move_here();
		EXPECT_EQ(1, faults(p + MAPPED - 1));
		EXPECT_EQ(1, faults(p + (PAGES + 1) * 4096));
		EXPECT_EQ(-1, pattern_check(p, BYTES & ~7UL, i));
		pattern_fill(p, BYTES & ~7UL, i + 1);
	}
	EXPECT_EQ(0, munmap(p, MAPPED));
}
