// SPDX-License-Identifier: GPL-2.0
/* SIGSEGV handlers see the address and whether it was unmapped or forbidden. */
#include "../move.h"
#include <setjmp.h>

static sigjmp_buf out;
static void * volatile addr;
static volatile int code;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	addr = info->si_addr;
	code = info->si_code;
	siglongjmp(out, 1);
}

MOVE_TEST(fault_segv)
{
	char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	on_signal(SIGSEGV, handler, 0);
	move_begin();
	move_here();
	if (!sigsetjmp(out, 1)) {
		*(volatile char *)0x1238 = 1;
		EXPECT_TRUE(0);
	}
	EXPECT_EQ((void *)0x1238, addr);
	EXPECT_EQ(SEGV_MAPERR, code);
	if (!sigsetjmp(out, 1)) {
		((volatile char *)page)[4100] = 1;
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(page + 4100, (char *)addr);
	EXPECT_EQ(SEGV_ACCERR, code);
	EXPECT_EQ(0, munmap(page, 8192));
	signal(SIGSEGV, SIG_DFL);
}
