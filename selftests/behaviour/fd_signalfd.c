// SPDX-License-Identifier: GPL-2.0
/* signalfd gets the signals of the program, sent before and after the move. */
#include "../move.h"
#include <sys/signalfd.h>

MOVE_TEST(fd_signalfd)
{
	sigset_t set = sigset_of(SIGUSR1), old;
	struct signalfd_siginfo info;
	int fd;

	sigaddset(&set, SIGRTMIN + 5);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kill(getpid(), SIGUSR1));
	move_begin();
	move_here();
	ASSERT_EQ(sizeof(info), read(fd, &info, sizeof(info)));
	EXPECT_EQ(SIGUSR1, info.ssi_signo);
	EXPECT_EQ(getpid(), info.ssi_pid);
	EXPECT_EQ(-1, read(fd, &info, sizeof(info)));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, sigqueue(getpid(), SIGRTMIN + 5, (union sigval){ .sival_int = 66 }));
	move_here();
	ASSERT_EQ(sizeof(info), read(fd, &info, sizeof(info)));
	EXPECT_EQ(SIGRTMIN + 5, info.ssi_signo);
	EXPECT_EQ(66, info.ssi_int);
	close(fd);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
}
