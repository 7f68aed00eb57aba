// SPDX-License-Identifier: GPL-2.0
/* epoll: edge triggered and one-shot, with a signal mask, with nanoseconds; a signalfd in it. */
#include "../move.h"
#include <sys/epoll.h>
#include <sys/signalfd.h>

static int got;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	got++;
}

/* Interrupted by a move it says so; the time begins again. */
static int wait_ns(int ep, struct epoll_event *ev, long ns)
{
	struct timespec ts = { .tv_nsec = ns };

	return syscall(SYS_epoll_pwait2, ep, ev, 4, &ts, NULL, 0);
}

MOVE_TEST(fd_epoll_edge)
{
	sigset_t set = sigset_of(SIGUSR1), old, none;
	struct epoll_event ev[4] = { { 0 } };
	struct signalfd_siginfo info;
	int ep, sfd, p[2], q[2];
	char byte;

	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	ASSERT_EQ(0, pipe2(p, O_NONBLOCK));
	ASSERT_EQ(0, pipe2(q, O_NONBLOCK));
	ep = epoll_create1(EPOLL_CLOEXEC);
	sfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	ASSERT_LE(0, ep);
	ASSERT_LE(0, sfd);
	ev[0] = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.fd = sfd };
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, sfd, &ev[0]));
	ev[0] = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.fd = p[0] };
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev[0]));
	move_begin();
	move_here();
	ev[0] = (struct epoll_event){ .events = EPOLLIN | EPOLLONESHOT, .data.fd = q[0] };
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, q[0], &ev[0]));
	EXPECT_EQ(0, wait_ns(ep, ev, 1000000));
	/* an edge shows once, whether it is read or not */
	EXPECT_EQ(1, write(p[1], "a", 1));
	EXPECT_EQ(1, wait_ns(ep, ev, 1000000));
	EXPECT_EQ(p[0], ev[0].data.fd);
	EXPECT_EQ(0, wait_ns(ep, ev, 0));
	EXPECT_EQ(1, write(p[1], "b", 1));
	EXPECT_EQ(1, wait_ns(ep, ev, 0));
	EXPECT_EQ(1, write(q[1], "c", 1));
	EXPECT_EQ(1, wait_ns(ep, ev, 0));
	EXPECT_EQ(q[0], ev[0].data.fd);
	EXPECT_EQ(0, wait_ns(ep, ev, 0));
	move_here();
	ev[0].events = EPOLLIN | EPOLLONESHOT;
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, q[0], &ev[0]));
	EXPECT_EQ(1, wait_ns(ep, ev, 0));
	EXPECT_EQ(1, read(q[0], &byte, 1));
	EXPECT_EQ(0, kill(getpid(), SIGUSR1));
	EXPECT_EQ(1, wait_ns(ep, ev, 0));
	EXPECT_EQ(sfd, ev[0].data.fd);
	EXPECT_EQ(sizeof(info), read(sfd, &info, sizeof(info)));
	/* the mask of the call lets it in */
	got = 0;
	on_signal(SIGUSR1, handler, 0);
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_DEL, sfd, NULL));
	EXPECT_EQ(0, kill(getpid(), SIGUSR1));
	sigemptyset(&none);
	EXPECT_EQ(-1, epoll_pwait(ep, ev, 4, 20000, &none));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, got);
	signal(SIGUSR1, SIG_DFL);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	close(ep);
	close(sfd);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}
