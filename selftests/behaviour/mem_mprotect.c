// SPDX-License-Identifier: GPL-2.0
/* Protections hold after a move; changing them works; code can be made and run. */
#include "../move.h"
#include <setjmp.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	siglongjmp(out, sig);
}

/* mov $42, %eax; ret */
static const unsigned char code[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 };

MOVE_TEST(mem_mprotect)
{
	char *page;
	int got;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	memcpy(page, code, sizeof(code));
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	on_signal(SIGSEGV, handler, 0);
	move_begin();
	move_here();
	got = sigsetjmp(out, 1);
	if (!got) {
		*(volatile char *)page = 1;
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SIGSEGV, got);
	got = sigsetjmp(out, 1);
	if (!got) {
		((int (*)(void))page)();
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SIGSEGV, got);
	EXPECT_EQ(0, mprotect(page, 4096, PROT_READ | PROT_EXEC));
	EXPECT_EQ(42, ((int (*)(void))page)());
	move_here();
	EXPECT_EQ(42, ((int (*)(void))page)());
	EXPECT_EQ(0, mprotect(page, 4096, PROT_READ | PROT_WRITE));
	page[1] = 43;
	EXPECT_EQ(0, mprotect(page, 4096, PROT_READ | PROT_EXEC));
	move_here();
	EXPECT_EQ(43, ((int (*)(void))page)());
	EXPECT_EQ(0, munmap(page, 4096));
	signal(SIGSEGV, SIG_DFL);
}
