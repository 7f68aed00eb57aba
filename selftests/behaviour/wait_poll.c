// SPDX-License-Identifier: GPL-2.0
/* poll() moved in its midst times out at the right time. */
#include "../move.h"

MOVE_TEST(wait_poll)
{
	struct pollfd pfd = { .events = POLLIN };
	int64_t start;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	pfd.fd = fds[0];
	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	EXPECT_EQ(0, poll(&pfd, 1, WAIT_MS));
	EXPECT_EQ(0, pfd.revents);
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
	close(fds[0]);
	close(fds[1]);
}
