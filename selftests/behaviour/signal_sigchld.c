// SPDX-License-Identifier: GPL-2.0
/* SIGCHLD of a child forked before the move, with its status; wait4() reaps it. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static volatile int count;
static siginfo_t seen;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	seen = *info;
	count++;
}

MOVE_TEST(signal_sigchld)
{
	struct rusage ru;
	int fds[2], status = 0;
	pid_t pid;
	char byte;

	ASSERT_EQ(0, pipe(fds));
	on_signal(SIGCHLD, handler, SA_RESTART);
	count = 0;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 57 : 1);
	}
	close(fds[0]);
	move_begin();
	move_here();
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	EXPECT_EQ(0, count);
	ASSERT_EQ(1, write(fds[1], "x", 1));
	while (!count)
		sleep_ms(5);
	EXPECT_EQ(1, count);
	EXPECT_EQ(CLD_EXITED, seen.si_code);
	EXPECT_EQ(57, seen.si_status);
	EXPECT_EQ(pid, seen.si_pid);
	EXPECT_EQ(pid, wait4(pid, &status, 0, &ru));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(57, WEXITSTATUS(status));
	EXPECT_EQ(-1, waitpid(-1, &status, 0));
	EXPECT_EQ(ECHILD, errno);
	close(fds[1]);
	signal(SIGCHLD, SIG_DFL);
}
