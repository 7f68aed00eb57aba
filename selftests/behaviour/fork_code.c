// SPDX-License-Identifier: GPL-2.0
/*
 * A child needs code that nobody has used where it runs, after its parent has ended: it asks home by
 * itself. So it maps a file, too, and its own children inherit that.
 */
#include "../move.h"
#include <sys/prctl.h>
#include <sys/wait.h>

#define PAGES	64

/* Pages of the file, each with its number. */
static int make(void)
{
	char name[] = "/tmp/fork_code.XXXXXX", page[4096] = "";
	int fd = mkstemp(name), i;

	if (fd < 0 || unlink(name))
		abort();
	for (i = 0; i < PAGES; i++) {
		memcpy(page, &i, sizeof(i));
		if (write(fd, page, sizeof(page)) != sizeof(page))
			abort();
	}
	return fd;
}

static int check(const volatile int *map, int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		if (map[i * 1024] != i)
			return 1;
	return 0;
}

static void orphan(int fd, int *map, int gone)
{
	int *own, status;
	char byte;
	pid_t pid;

	if (read(gone, &byte, 1))	/* end of file: nobody has the other end any more */
		_exit(1);
	if (check(map, 16, 32))
		_exit(2);
	own = mmap(NULL, PAGES * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (own == MAP_FAILED || check(own, 40, 48))
		_exit(3);
	pid = fork();
	if (!pid)
		_exit(check(map, 32, 40) || check(own, 48, PAGES));
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(4);
	_exit(90);
}

MOVE_TEST(fork_code)
{
	int fd = make(), gone[2], *map, status;
	pid_t pid;

	map = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, pipe(gone));
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		pid = fork();
		if (!pid) {
			close(gone[1]);
			orphan(fd, map, gone[0]);
		}
		_exit(check(map, 0, 16));
	}
	close(gone[1]);
	EXPECT_EQ(0, wait_for(pid));
	status = wait_for(-1);
	EXPECT_EQ(90 << 8, status);
	EXPECT_EQ(0, check(map, 0, PAGES));
	close(gone[0]);
	close(fd);
	munmap(map, PAGES * 4096);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 0));
}
