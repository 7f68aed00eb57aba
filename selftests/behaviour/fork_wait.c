// SPDX-License-Identifier: GPL-2.0
/* waitid() in its variants, and what SIGCHLD tells, of children that come and go while all are away. */
#include "../move.h"
#include <sys/wait.h>

static volatile int count;
static siginfo_t seen;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	seen = *info;
	__sync_fetch_and_add(&count, 1);
}

/* Wait for @what of the child. Return: si_code, with the status in *@status. */
static int look(pid_t pid, int what, int *status)
{
	siginfo_t info = {};
	int ret;

	do
		ret = waitid(P_PID, pid, &info, what);
	while (ret && errno == EINTR);
	*status = ret ? -1 : info.si_status;
	return info.si_pid == pid && info.si_signo == SIGCHLD ? info.si_code : -errno;
}

MOVE_TEST(fork_wait)
{
	int status, before;
	siginfo_t info;
	pid_t pid;

	/* only of ends: what comes while another one is pending is merged with it */
	on_signal(SIGCHLD, handler, SA_NOCLDSTOP);
	count = 0;
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		raise(SIGSTOP);
		_exit(44);
	}
	EXPECT_EQ(CLD_STOPPED, look(pid, WSTOPPED | WNOWAIT, &status));
	EXPECT_EQ(SIGSTOP, status);
	EXPECT_EQ(CLD_STOPPED, look(pid, WSTOPPED, &status));
	info.si_pid = 1;
	EXPECT_EQ(0, waitid(P_ALL, 0, &info, WSTOPPED | WEXITED | WNOHANG));
	EXPECT_EQ(0, info.si_pid);
	EXPECT_EQ(0, kill(pid, SIGCONT));
	EXPECT_EQ(CLD_EXITED, look(pid, WEXITED | WNOWAIT, &status));
	EXPECT_EQ(44, status);
	EXPECT_EQ(CLD_EXITED, look(pid, WEXITED, &status));
	EXPECT_EQ(44, status);
	EXPECT_EQ(1, count);
	EXPECT_EQ(pid, seen.si_pid);
	EXPECT_EQ(CLD_EXITED, seen.si_code);
	EXPECT_EQ(44, seen.si_status);
	/* a parent that does not want to know: no zombie */
	signal(SIGCHLD, SIG_IGN);
	before = count;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	EXPECT_EQ(ECHILD, errno);
	EXPECT_EQ(before, count);
	signal(SIGCHLD, SIG_DFL);
}
