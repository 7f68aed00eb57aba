// SPDX-License-Identifier: GPL-2.0
/* sigtimedwait() times out, and takes signals with their values, while moved. */
#include "../move.h"

MOVE_TEST(wait_sigtimedwait)
{
	struct timespec ts = ms_ts(WAIT_MS);
	sigset_t set = sigset_of(SIGRTMIN + 1), old;
	int64_t start;
	siginfo_t info;
	int ret;

	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	ret = sigtimedwait(&set, &info, &ts);
	EXPECT_EQ(-1, ret);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
	ASSERT_EQ(0, sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 1234 }));
	ts = ms_ts(5000);
	EXPECT_EQ(SIGRTMIN + 1, sigtimedwait(&set, &info, &ts));
	EXPECT_EQ(1234, info.si_value.sival_int);
	EXPECT_EQ(SI_QUEUE, info.si_code);
	EXPECT_EQ(getpid(), info.si_pid);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
}
