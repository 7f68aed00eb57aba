// SPDX-License-Identifier: GPL-2.0
/* Writing to a pipe that nobody reads: SIGPIPE, or EPIPE if that is ignored. */
#include "../move.h"

static volatile int count;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	count++;
}

MOVE_TEST(signal_pipe)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	on_signal(SIGPIPE, handler, 0);
	count = 0;
	move_begin();
	move_here();
	EXPECT_EQ(4, write(fds[1], "text", 4));
	EXPECT_EQ(0, close(fds[0]));
	EXPECT_EQ(-1, write(fds[1], "text", 4));
	EXPECT_EQ(EPIPE, errno);
	/* A signal that a call produces is there when the call returns. */
	EXPECT_EQ(1, count);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_EQ(-1, write(fds[1], "text", 4));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(1, count);
	EXPECT_EQ(0, close(fds[1]));
	signal(SIGPIPE, SIG_DFL);
}
