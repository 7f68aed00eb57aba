// SPDX-License-Identifier: GPL-2.0
/* The parent dies at home: getppid() of the program that is away says the new parent. */
#include "../move.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata, pid_t reaper, int out)
{
	pid_t middle = getppid();
	int i;

	move_begin();
	move_here();
	if (write(out, "r", 1) != 1)
		return 1;
	for (i = 0; i < 2000 && getppid() == middle; i++)
		sleep_ms(5);
	return getppid() != reaper;
}

MOVE_TEST(proc_reparent)
{
	pid_t me = getpid(), pid;
	int fds[2], status;
	char byte;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (!fork())
			_exit(child(_metadata, me, fds[1]));
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_LT(0, waitpid(-1, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	close(fds[0]);
	close(fds[1]);
}
