// SPDX-License-Identifier: GPL-2.0
/* poll() and select() over many descriptors name just those that are ready. */
#include "../move.h"
#include <sys/select.h>

#define PIPES	40

MOVE_TEST(fd_poll)
{
	struct pollfd pfds[2 * PIPES + 1];
	int p[PIPES][2], i, top = 0;
	fd_set in, out;

	for (i = 0; i < PIPES; i++)
		ASSERT_EQ(0, pipe(p[i]));
	move_begin();
	move_here();
	for (i = 0; i < PIPES; i++) {
		if (i % 5 == 0)
			ASSERT_EQ(1, write(p[i][1], "x", 1));
		pfds[2 * i] = (struct pollfd){ .fd = p[i][0], .events = POLLIN };
		pfds[2 * i + 1] = (struct pollfd){ .fd = p[i][1], .events = POLLOUT };
	}
	pfds[2 * PIPES] = (struct pollfd){ .fd = 999, .events = POLLIN };
	EXPECT_EQ(PIPES / 5 + PIPES + 1, poll(pfds, 2 * PIPES + 1, 1000));
	for (i = 0; i < PIPES; i++) {
		EXPECT_EQ(i % 5 ? 0 : POLLIN, pfds[2 * i].revents);
		EXPECT_EQ(POLLOUT, pfds[2 * i + 1].revents);
	}
	EXPECT_EQ(POLLNVAL, pfds[2 * PIPES].revents);
	move_here();
	FD_ZERO(&in);
	FD_ZERO(&out);
	for (i = 0; i < PIPES; i++) {
		FD_SET(p[i][0], &in);
		FD_SET(p[i][1], &out);
		top = p[i][1] > top ? p[i][1] : top;
	}
	EXPECT_EQ(PIPES / 5 + PIPES, select(top + 1, &in, &out, NULL, NULL));
	for (i = 0; i < PIPES; i++)
		EXPECT_EQ(i % 5 == 0, !!FD_ISSET(p[i][0], &in));
	for (i = 0; i < PIPES; i++) {
		close(p[i][0]);
		close(p[i][1]);
	}
}
