// SPDX-License-Identifier: GPL-2.0
/* pidfds: of itself and of a child; signals, other processes' descriptors, waiting. */
#include "../move.h"
#include <sys/wait.h>

static volatile sig_atomic_t got, code;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	code = info->si_code;
	got = info->si_value.sival_int;
}

MOVE_TEST(ipc_pidfd)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	int self, theirs, copy, p[2], go[2];
	struct pollfd pfd;
	char text[8] = "";
	pid_t pid;

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		dup2(p[1], 77);
		_exit(read(go[0], text, 1) + 7);
	}
	close(go[0]);
	on_signal(SIGUSR1, handler, 0);
	got = 0;
	move_begin();
	move_here();
	self = syscall(SYS_pidfd_open, getpid(), 0);
	theirs = syscall(SYS_pidfd_open, pid, 0);
	ASSERT_LE(0, self);
	ASSERT_LE(0, theirs);
	info.si_value.sival_int = 99;
	EXPECT_EQ(0, syscall(SYS_pidfd_send_signal, self, SIGUSR1, &info, 0));
	EXPECT_EQ(99, got);
	EXPECT_EQ(SI_QUEUE, code);
	EXPECT_EQ(0, syscall(SYS_pidfd_send_signal, theirs, 0, NULL, 0));
	move_here();
	while ((copy = syscall(SYS_pidfd_getfd, theirs, 77, 0)) < 0 && errno == EBADF)
		usleep(1000);
	ASSERT_LE(0, copy);
	EXPECT_EQ(4, write(copy, "mine", 4));
	EXPECT_EQ(4, read(p[0], text, sizeof(text)));
	pfd = (struct pollfd){ .fd = theirs, .events = POLLIN };
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	close(go[1]);
	while (poll(&pfd, 1, 20000) < 0 && errno == EINTR)
		;
	EXPECT_EQ(POLLIN, pfd.revents);
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, waitid(P_PIDFD, theirs, &info, WEXITED));
	EXPECT_EQ(pid, info.si_pid);
	EXPECT_EQ(7, info.si_status);
	EXPECT_EQ(-1, syscall(SYS_pidfd_send_signal, theirs, 0, NULL, 0));
	EXPECT_EQ(ESRCH, errno);
	EXPECT_EQ(-1, syscall(SYS_process_mrelease, self, 0));
	EXPECT_EQ(EINVAL, errno);
	close(self);
	close(theirs);
	close(copy);
	close(p[0]);
	close(p[1]);
	signal(SIGUSR1, SIG_DFL);
}
