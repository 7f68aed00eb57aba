// SPDX-License-Identifier: GPL-2.0
/* A parent that is away dies: its child, away too, gets the signal that it has asked for, and another parent. */
#include "../move.h"
#include <sys/prctl.h>

static int report;

static void handler(int sig, siginfo_t *info, void *uc)
{
	pid_t parent = getppid();

	_exit(write(report, &parent, sizeof(parent)) != sizeof(parent));
}

/* Forks when it is away, and dies when it may; the child says when it is ready. */
static void parent(struct __test_metadata *_metadata, int ready)
{
	pid_t pid;
	char byte;

	on_signal(SIGUSR1, handler, 0);
	move_begin();
	move_here();
	pid = fork();
	if (!pid) {
		if (prctl(PR_SET_PDEATHSIG, SIGUSR1) || write(report, "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (pid < 0 || read(ready, &byte, 1) != 1)
		_exit(2);
	kill(getpid(), SIGKILL);
}

MOVE_TEST(fork_parent_dies)
{
	int fds[2], ready[2];
	pid_t pid, seen = 0;
	char byte;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, pipe(ready));
	report = fds[1];
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		parent(_metadata, ready[0]);
	close(fds[1]);
	close(ready[0]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ(1, write(ready[1], "", 1));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	EXPECT_EQ((ssize_t)sizeof(seen), read(fds[0], &seen, sizeof(seen)));
	EXPECT_EQ(getpid(), seen);
	EXPECT_EQ(0, wait_for(-1));
	close(fds[0]);
	close(ready[1]);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 0));
}
