// SPDX-License-Identifier: GPL-2.0
/* A SIGSEGV handler that maps the page lets the program go on at the same instruction. */
#include "../move.h"

static char *area;
static volatile int faults;

static void handler(int sig, siginfo_t *info, void *uc)
{
	char *page = (char *)((uintptr_t)info->si_addr & -4096UL);

	(void)sig;
	(void)uc;
	faults++;
	if (page < area || page >= area + 16 * 4096 ||
	    mprotect(page, 4096, PROT_READ | PROT_WRITE))
		_exit(99);
}

MOVE_TEST(fault_segv_repair)
{
	int i;

	area = mmap(NULL, 16 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	on_signal(SIGSEGV, handler, 0);
	faults = 0;
	move_begin();
	for (i = 0; i < 16; i++) {
		if (i == 8)
			move_here();
		((volatile char *)area)[i * 4096 + i] = i + 1;
	}
	EXPECT_EQ(16, faults);
	move_here();
	for (i = 0; i < 16; i++)
		EXPECT_EQ(i + 1, area[i * 4096 + i]);
	EXPECT_EQ(16, faults);
	EXPECT_EQ(0, munmap(area, 16 * 4096));
	signal(SIGSEGV, SIG_DFL);
}
