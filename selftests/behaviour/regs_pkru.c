// SPDX-License-Identifier: GPL-2.0
/* Protection keys: PKRU and the keys of mappings go along. */
#include "../move.h"
#include <setjmp.h>

static sigjmp_buf out;
static volatile int code;

static void on_segv(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	code = info->si_code;
	siglongjmp(out, 1);
}

MOVE_TEST(regs_pkru)
{
	volatile char *page;
	int key;

	key = pkey_alloc(0, 0);
	if (key < 0)
		SKIP(return, "no protection keys: %s", strerror(errno));
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	page[0] = 7;
	ASSERT_EQ(0, pkey_mprotect((void *)page, 4096, PROT_READ | PROT_WRITE, key));
	ASSERT_EQ(0, pkey_set(key, PKEY_DISABLE_WRITE));
	on_signal(SIGSEGV, on_segv, 0);
	code = 0;
	move_begin();
	move_here();
	EXPECT_EQ(PKEY_DISABLE_WRITE, pkey_get(key));
	EXPECT_EQ(7, page[0]);
	if (!sigsetjmp(out, 1)) {
		page[0] = 8;
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SEGV_PKUERR, code);
	signal(SIGSEGV, SIG_DFL);
	EXPECT_EQ(0, pkey_set(key, 0));
	page[0] = 9;
	EXPECT_EQ(9, page[0]);
	EXPECT_EQ(0, munmap((void *)page, 4096));
	EXPECT_EQ(0, pkey_free(key));
}
