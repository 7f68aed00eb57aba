// SPDX-License-Identifier: GPL-2.0
/* epoll_wait() times out at the right time, although it is moved meanwhile. */
#include "../move.h"
#include <sys/epoll.h>

MOVE_TEST(wait_epoll)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 77 };
	int64_t start;
	int fds[2], ep;

	ASSERT_EQ(0, pipe(fds));
	ep = epoll_create1(0);
	ASSERT_LE(0, ep);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	/* A signal, even one that nobody sees, may end it with EINTR; a move does not. */
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, WAIT_MS));
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
	close(ep);
	close(fds[0]);
	close(fds[1]);
}
