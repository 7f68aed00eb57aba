// SPDX-License-Identifier: GPL-2.0
/*
 * A privately mapped file is changed, by the program and by another one: pages that it has not
 * written show it at once, those that it has written do not; what is beyond a new end is gone, also
 * what it had written there.
 */
#include "../move.h"
#include <setjmp.h>

#define PAGE	4096
#define PAGES	32

static sigjmp_buf out;
static volatile char *map;
static int fd;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	siglongjmp(out, 1);
}

/* The first byte of a page, or -1 for SIGBUS. */
static int first(int page)
{
	return sigsetjmp(out, 1) ? -1 : (unsigned char)map[page * PAGE];
}

static void put(int page, char byte)
{
	char data[PAGE];

	memset(data, byte, PAGE);
	if (pwrite(fd, data, PAGE, page * PAGE) != PAGE)
		abort();
}

/* struct order - what the other process is to do: write @byte to the page, or cut the file there */
struct order {
	int page;
	char byte;
};

static void other(int in, int back)
{
	struct order order;

	while (read(in, &order, sizeof(order)) == sizeof(order)) {
		if (order.byte)
			put(order.page, order.byte);
		else if (ftruncate(fd, order.page * PAGE))
			_exit(1);
		if (write(back, &order.byte, 1) != 1)
			_exit(2);
	}
	_exit(0);
}

static void tell(int to, int from, int page, char byte)
{
	struct order order = { .page = page, .byte = byte };

	if (write(to, &order, sizeof(order)) != sizeof(order) || read(from, &byte, 1) != 1)
		abort();
}

MOVE_TEST(mem_file_changed)
{
	int i, to[2], from[2];
	pid_t pid;

	fd = open("changed", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	for (i = 0; i < PAGES; i++)
		put(i, 'a');
	map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(to[1]);
		other(to[0], from[1]);
	}
	on_signal(SIGBUS, handler, 0);
	move_begin();
	move_here();
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ('a', first(i));
	/* its own now */
	map[4 * PAGE] = 'm';
	map[20 * PAGE] = 'm';
	for (i = 'b'; i < 'f'; i++) {
		put(3, i);
		EXPECT_EQ(i, first(3));
		put(4, i);
		EXPECT_EQ('m', first(4));
		tell(to[1], from[0], 5, i);
		EXPECT_EQ(i, first(5));
		/* nobody has looked since */
		tell(to[1], from[0], 6, i);
		tell(to[1], from[0], 6, i + 1);
		EXPECT_EQ(i + 1, first(6));
	}
	move_here();
	put(7, 'x');
	EXPECT_EQ('x', first(7));
	tell(to[1], from[0], 8, 0);
	EXPECT_EQ('x', first(7));
	for (i = 8; i < PAGES; i++)
		EXPECT_EQ(-1, first(i));
	/* 20 is new, and the file's */
	tell(to[1], from[0], 24, 'y');
	EXPECT_EQ(0, first(20));
	EXPECT_EQ('y', first(24));
	EXPECT_EQ(-1, first(25));
	move_here();
	EXPECT_EQ(0, ftruncate(fd, 2 * PAGE + 10));
	EXPECT_EQ('a', map[2 * PAGE + 9]);
	EXPECT_EQ(0, map[2 * PAGE + 10]);
	EXPECT_EQ(-1, first(3));
	EXPECT_EQ(-1, first(4));
	put(3, 'z');
	EXPECT_EQ('z', first(3));
	EXPECT_EQ(-1, first(4));
	map[PAGE] = 'm';
	tell(to[1], from[0], 0, 0);
	tell(to[1], from[0], 1, 'q');
	EXPECT_EQ(0, first(0));
	EXPECT_EQ('q', first(1));
	EXPECT_EQ(-1, first(2));
	close(to[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(to[0]);
	close(from[0]);
	close(from[1]);
	EXPECT_EQ(0, munmap((void *)map, PAGES * PAGE));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("changed"));
	signal(SIGBUS, SIG_DFL);
}
