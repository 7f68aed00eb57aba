// SPDX-License-Identifier: GPL-2.0
/*
 * A file is written, cut off and made longer again all the time, while a program that has mapped it
 * reads from it and moves: what it sees is never older than the file.
 */
#include "../move.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGES	64

static sigjmp_buf out;
static volatile int64_t *map;

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	siglongjmp(out, 1);
}

/* The first number of a page, -1 for SIGBUS. */
static int64_t first(int page)
{
	return sigsetjmp(out, 1) ? -1 : map[page * 512];
}

static void other(int fd, int end)
{
	struct pollfd pfd = { .fd = end, .events = POLLIN };
	int64_t v;

	for (v = 1; !poll(&pfd, 1, 1); v++)
		if (pwrite(fd, &v, sizeof(v), v % 8 * 4096) != sizeof(v) ||
		    ftruncate(fd, (v & 1 ? PAGES / 2 : PAGES) * 4096))
			_exit(1);
	_exit(0);
}

MOVE_TEST(mem_file_cut)
{
	char name[] = "/tmp/cut.XXXXXX";
	int fd = mkstemp(name), end[2], i, n = 0;
	int64_t now, got;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, PAGES * 4096));
	ASSERT_EQ(0, pipe(end));
	pid = fork();
	if (!pid)
		other(fd, end[0]);
	map = mmap(NULL, PAGES * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)map);
	on_signal(SIGBUS, handler, 0);
	move_begin();
	move_later(30);
	do {
		for (i = 0; i < 8; i++) {
			ASSERT_EQ((ssize_t)sizeof(now), pread(fd, &now, sizeof(now), i * 4096));
			ASSERT_GE(first(i), now);
		}
		got = first(40 + n % 20);
		ASSERT_TRUE(got == 0 || got == -1);
	} while (!move_done() || n++ < 20);
	ASSERT_EQ(1, write(end[1], "e", 1));
	EXPECT_EQ(0, wait_for(pid));
	signal(SIGBUS, SIG_DFL);
	munmap((void *)map, PAGES * 4096);
	unlink(name);
	close(fd);
}
