// SPDX-License-Identifier: GPL-2.0
/* ppoll() with a signal mask times out at the right time, and puts the mask back. */
#include "../move.h"

MOVE_TEST(wait_ppoll)
{
	sigset_t usr1 = sigset_of(SIGUSR1), usr2 = sigset_of(SIGUSR2), now;
	struct timespec ts = ms_ts(WAIT_MS);
	struct pollfd pfd = { .events = POLLIN };
	int64_t start;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	pfd.fd = fds[0];
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &usr1, NULL));
	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	EXPECT_EQ(0, ppoll(&pfd, 1, &ts, &usr2));
	EXPECT_TOOK(start, WAIT_MS);
	EXPECT_EQ(0, sigprocmask(SIG_SETMASK, NULL, &now));
	EXPECT_EQ(1, sigismember(&now, SIGUSR1));
	EXPECT_EQ(0, sigismember(&now, SIGUSR2));
	move_wait();
	close(fds[0]);
	close(fds[1]);
	sigemptyset(&now);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &now, NULL));
}
