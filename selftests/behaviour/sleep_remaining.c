// SPDX-License-Identifier: GPL-2.0
/* A handler ends a moved nanosleep() with EINTR and the right remaining time. */
#include "../move.h"
#include <sys/time.h>

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
}

MOVE_TEST(sleep_remaining)
{
	struct timespec ts = ms_ts(10 * WAIT_MS), left = { 0 };
	struct itimerval it = { .it_value = { WAIT_MS / 1000, WAIT_MS % 1000 * 1000 } };
	int64_t took, start;

	on_signal(SIGALRM, handler, 0);
	move_begin();
	move_later(MOVE_MS);
	start = now_ms();
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_EQ(-1, nanosleep(&ts, &left));
	EXPECT_EQ(EINTR, errno);
	took = now_ms() - start;
	EXPECT_GE(took, WAIT_MS - MONO_SLOP_MS);
	EXPECT_LE(took, WAIT_MS + SLACK_MS);
	took += left.tv_sec * 1000 + left.tv_nsec / 1000000;
	EXPECT_GE(took, 10 * WAIT_MS - 2 * MONO_SLOP_MS);
	EXPECT_LE(took, 10 * WAIT_MS + SLACK_MS);
	move_wait();
	signal(SIGALRM, SIG_DFL);
}
