// SPDX-License-Identifier: GPL-2.0
/* A child whose parent ends gets a new one: here the grandparent, as the subreaper; a daemon is made so. */
#include "../move.h"
#include <sys/prctl.h>
#include <sys/wait.h>

/* The grandchild tells its pid, waits until its parent has gone, and ends. */
static void daemonise(int out, int in)
{
	pid_t parent = getpid(), pid = fork();
	char byte;

	if (pid)
		_exit(pid < 0);
	pid = getpid();
	if (setsid() != pid || write(out, &pid, sizeof(pid)) != sizeof(pid) ||
	    read(in, &byte, 1) != 1)
		_exit(1);
	_exit(getppid() == parent ? 2 : 33);
}

MOVE_TEST(fork_orphan)
{
	int out[2], in[2], status;
	pid_t pid, orphan;
	siginfo_t info;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, pipe(in));
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		daemonise(out[1], in[0]);
	ASSERT_EQ((ssize_t)sizeof(orphan), read(out[0], &orphan, sizeof(orphan)));
	EXPECT_EQ(0, wait_for(pid));
	ASSERT_EQ(1, write(in[1], "g", 1));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, waitid(P_PID, orphan, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(33, info.si_status);
	EXPECT_EQ(orphan, waitpid(-1, &status, 0));
	EXPECT_EQ(33 << 8, status);
	close(out[0]);
	close(out[1]);
	close(in[0]);
	close(in[1]);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 0));
}
