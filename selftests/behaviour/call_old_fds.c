// SPDX-License-Identifier: GPL-2.0
/* The calls that the C library does not make any more: descriptors and waiting for them. */
#include "../move.h"
#include <sys/epoll.h>
#include <sys/select.h>

MOVE_TEST(call_old_fds)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 77 };
	sigset_t set = sigset_of(SIGUSR2), old;
	struct pollfd pfd = { .events = POLLIN };
	struct timeval tv = { 5, 0 };
	int p[2], ep, efd, sfd, ifd;
	uint64_t value = 3;
	char info[128];
	fd_set fds;

	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	move_begin();
	move_here();
	ASSERT_EQ(0, syscall(SYS_pipe, p));
	ep = syscall(SYS_epoll_create, 1);
	efd = syscall(SYS_eventfd, 0);
	sfd = syscall(SYS_signalfd, -1, &set, 8);
	ifd = syscall(SYS_inotify_init);
	ASSERT_LE(0, ep);
	ASSERT_LE(0, efd);
	ASSERT_LE(0, sfd);
	ASSERT_LE(0, ifd);
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, efd, &ev));
	EXPECT_EQ(0, syscall(SYS_epoll_wait, ep, &ev, 1, 0));
	EXPECT_EQ(8, write(efd, &value, 8));
	ev.data.u64 = 0;
	EXPECT_EQ(1, syscall(SYS_epoll_wait, ep, &ev, 1, 0));
	EXPECT_EQ(77, ev.data.u64);
	EXPECT_EQ(0, kill(getpid(), SIGUSR2));
	EXPECT_EQ(128, read(sfd, info, sizeof(info)));
	EXPECT_EQ(SIGUSR2, info[0]);
	move_here();
	EXPECT_EQ(1, write(p[1], "x", 1));
	pfd.fd = p[0];
	EXPECT_EQ(1, syscall(SYS_poll, &pfd, 1, 0));
	EXPECT_EQ(POLLIN, pfd.revents);
	FD_ZERO(&fds);
	FD_SET(p[0], &fds);
	EXPECT_EQ(1, syscall(SYS_select, p[0] + 1, &fds, NULL, NULL, &tv));
	EXPECT_TRUE(FD_ISSET(p[0], &fds));
	EXPECT_EQ(150, syscall(SYS_dup2, p[0], 150));
	EXPECT_EQ(1, read(150, info, sizeof(info)));
	close(150);
	close(p[0]);
	close(p[1]);
	close(ep);
	close(efd);
	close(sfd);
	close(ifd);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
}
