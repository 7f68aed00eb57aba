// SPDX-License-Identifier: GPL-2.0
/* Behind the end of a mapped file: zeroes in its last page, SIGBUS after it. */
#include "../move.h"
#include <setjmp.h>

static sigjmp_buf out;
static volatile int code;
static void * volatile addr;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	code = info->si_code;
	addr = info->si_addr;
	siglongjmp(out, 1);
}

MOVE_TEST(mem_file_end)
{
	volatile char *map;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(5000, pwrite(fd, (char[5000]){ [4999] = 9 }, 5000, 0));
	map = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	on_signal(SIGBUS, handler, 0);
	move_begin();
	move_here();
	EXPECT_EQ(9, map[4999]);
	EXPECT_EQ(0, map[5000]);
	EXPECT_EQ(0, map[8191]);
	if (!sigsetjmp(out, 1)) {
		(void)map[8192];
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(BUS_ADRERR, code);
	EXPECT_EQ((void *)(map + 8192), addr);
	EXPECT_EQ(0, munmap((void *)map, 16384));
	EXPECT_EQ(0, close(fd));
	signal(SIGBUS, SIG_DFL);
}
