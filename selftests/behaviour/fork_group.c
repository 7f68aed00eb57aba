// SPDX-License-Identifier: GPL-2.0
/* A process group of children, killed, stopped and continued as one; and a session of a child's own. */
#include "../move.h"
#include <sys/wait.h>

#define CHILDREN	4

static int sessions(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid() ? 9 : 1);
	return wait_for(pid);
}

MOVE_TEST(fork_group)
{
	int i, ready[2], status;
	pid_t pid[CHILDREN], group = 0;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	move_begin();
	move_here();
	for (i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i]) {
			if (setpgid(0, group) || write(ready[1], "r", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		if (!i)
			group = pid[0];
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		EXPECT_EQ(group, getpgid(pid[i]));
	}
	EXPECT_EQ(0, kill(-group, SIGSTOP));
	for (i = 0; i < CHILDREN; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, WUNTRACED));
		EXPECT_TRUE(WIFSTOPPED(status));
	}
	EXPECT_EQ(0, kill(-group, SIGCONT));
	for (i = 0; i < CHILDREN; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, WCONTINUED));
		EXPECT_TRUE(WIFCONTINUED(status));
	}
	EXPECT_EQ(0, kill(-group, SIGTERM));
	for (i = 0; i < CHILDREN; i++) {
		status = 0;
		EXPECT_LT(0, waitpid(-group, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(SIGTERM, WTERMSIG(status));
	}
	EXPECT_EQ(-1, kill(-group, 0));
	EXPECT_EQ(ESRCH, errno);
	EXPECT_EQ(9 << 8, sessions());
	close(ready[0]);
	close(ready[1]);
}
