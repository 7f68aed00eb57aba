// SPDX-License-Identifier: GPL-2.0
/*
 * A call that only runs at home, and waits there: those who have come along with the caller go on at
 * home, and do not take it away before the call is over.
 */
#include "../move.h"
#include <sys/uio.h>
#include <sys/wait.h>

static int fill(int fd)
{
	char bytes[4096] = { 0 };
	int n = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, bytes, sizeof(bytes)) == sizeof(bytes))
		n++;
	fcntl(fd, F_SETFL, 0);
	return n;
}

static int splice_in(int fd, char *from)
{
	struct iovec iov = { from, 4096 };

	return vmsplice(fd, &iov, 1, 0) == 4096 ? 0 : errno;
}

MOVE_TEST(family_recall_waits)
{
	int ends[2], i, n, moves;
	char page[4096], *shared;
	pid_t pid;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, pipe(ends));
	n = fill(ends[1]);
	memset(shared, 'x', 4096);
	move_begin();
	move_here();
	move_stay();
	moves = migrate_number(getpid(), "moves");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(splice_in(ends[1], shared));
	for (i = 0; i < 100; i++)
		usleep(10000);
	/* home, and nothing else */
	EXPECT_LE(migrate_number(getpid(), "moves"), moves + 1);
	for (i = 0; i <= n; i++)
		ASSERT_EQ(4096, read(ends[0], page, sizeof(page)));
	EXPECT_EQ('x', page[4095]);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, close(ends[0]));
	EXPECT_EQ(0, close(ends[1]));
	EXPECT_EQ(0, munmap(shared, 4096));
}
