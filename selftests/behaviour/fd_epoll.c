// SPDX-License-Identifier: GPL-2.0
/* An epoll set made before the move reports readiness, edges and one-shots after it. */
#include "../move.h"
#include <sys/epoll.h>

MOVE_TEST(fd_epoll)
{
	struct epoll_event ev, got[8];
	int ep, a[2], b[2];
	char byte;

	ASSERT_EQ(0, pipe(a));
	ASSERT_EQ(0, pipe(b));
	ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, ep);
	ev = (struct epoll_event){ .events = EPOLLIN, .data.u64 = 0x1111222233334444 };
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, a[0], &ev));
	move_begin();
	move_here();
	ev = (struct epoll_event){ .events = EPOLLIN | EPOLLONESHOT, .data.u64 = 22 };
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, b[0], &ev));
	EXPECT_EQ(-1, epoll_ctl(ep, EPOLL_CTL_ADD, b[0], &ev));
	EXPECT_EQ(EEXIST, errno);
	EXPECT_EQ(0, epoll_wait(ep, got, 8, 0));
	EXPECT_EQ(1, write(a[1], "a", 1));
	EXPECT_EQ(1, epoll_wait(ep, got, 8, 1000));
	EXPECT_EQ(EPOLLIN, got[0].events);
	EXPECT_EQ(0x1111222233334444, got[0].data.u64);
	EXPECT_EQ(1, write(b[1], "b", 1));
	EXPECT_EQ(2, epoll_wait(ep, got, 8, 1000));
	move_here();
	EXPECT_EQ(1, epoll_wait(ep, got, 8, 0));
	EXPECT_EQ(1, read(a[0], &byte, 1));
	EXPECT_EQ(0, epoll_wait(ep, got, 8, 0));
	EXPECT_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, b[0], &ev));
	EXPECT_EQ(1, epoll_wait(ep, got, 8, 0));
	EXPECT_EQ(22, got[0].data.u64);
	close(ep);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
}
