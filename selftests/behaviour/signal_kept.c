// SPDX-License-Identifier: GPL-2.0
/*
 * A blocked signal that would be ignored by default is still pending after the program has come home
 * for a call, and has gone back.
 */
#include "../move.h"
#include <sys/shm.h>
#include <sys/wait.h>

MOVE_TEST(signal_kept)
{
	struct timespec limit = ms_ts(WAIT_MS);
	sigset_t set = sigset_of(SIGCHLD), pending;
	siginfo_t info;
	pid_t pid;

	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	move_begin();
	move_here();
	pid = fork();
	if (!pid)
		_exit(3);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	/* this is made at home */
	EXPECT_EQ((void *)-1, shmat(-1, NULL, 0));
	move_here();
	ASSERT_EQ(0, sigpending(&pending));
	EXPECT_EQ(1, sigismember(&pending, SIGCHLD));
	ASSERT_EQ(SIGCHLD, sigtimedwait(&set, &info, &limit));
	EXPECT_EQ(pid, info.si_pid);
	EXPECT_EQ(CLD_EXITED, info.si_code);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}
