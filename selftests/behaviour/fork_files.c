// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors after a fork: a pipe between parent and child, one file position for both, a
 * descriptor table of the child's own, or a common one (CLONE_FILES).
 */
#include "../move.h"
#include <sched.h>
#include <sys/wait.h>

#define ROUNDS	50

static int child(int in, int out, int file)
{
	int i, n;

	for (i = 0; i < ROUNDS; i++) {
		if (read(in, &n, sizeof(n)) != sizeof(n) || n != i)
			return 2;
		if (dprintf(file, "child %d\n", i) < 0)
			return 3;
		n = ~i;
		if (write(out, &n, sizeof(n)) != sizeof(n))
			return 4;
	}
	return close(file) ? 5 : 0;
}

MOVE_TEST(fork_files)
{
	char name[] = "/tmp/fork_files.XXXXXX", text[4096] = "", want[4096] = "";
	int to[2], from[2], file, i, n, status;
	pid_t pid;

	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	file = mkstemp(name);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, unlink(name));
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(to[0], from[1], file));
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_LT(0, dprintf(file, "parent %d\n", i));
		sprintf(want + strlen(want), "parent %d\nchild %d\n", i, i);
		ASSERT_EQ((ssize_t)sizeof(i), write(to[1], &i, sizeof(i)));
		ASSERT_EQ((ssize_t)sizeof(n), read(from[0], &n, sizeof(n)));
		ASSERT_EQ(~i, n);
	}
	status = wait_for(pid);
	EXPECT_EQ(0, status);
	EXPECT_LT(0, pread(file, text, sizeof(text) - 1, 0));
	EXPECT_STREQ(want, text);
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(close(file));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, fcntl(file, F_GETFD));
	EXPECT_EQ(EBADF, errno);
	for (i = 0; i < 2; i++) {
		close(to[i]);
		close(from[i]);
	}
}
