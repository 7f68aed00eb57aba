// SPDX-License-Identifier: GPL-2.0
/* A signal that is blocked and pending at the move is delivered when it is unblocked. */
#include "../move.h"

static volatile int count, value;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	count++;
	value = info->si_value.sival_int;
}

MOVE_TEST(signal_pending_blocked)
{
	sigset_t set = sigset_of(SIGUSR1), pending;

	sigaddset(&set, SIGRTMIN + 2);
	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGRTMIN + 2, handler, 0);
	count = 0;
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	ASSERT_EQ(0, raise(SIGUSR1));
	ASSERT_EQ(0, sigqueue(getpid(), SIGRTMIN + 2, (union sigval){ .sival_int = 99 }));
	move_begin();
	move_here();
	EXPECT_EQ(0, count);
	EXPECT_EQ(0, sigpending(&pending));
	EXPECT_EQ(1, sigismember(&pending, SIGUSR1));
	EXPECT_EQ(1, sigismember(&pending, SIGRTMIN + 2));
	EXPECT_EQ(0, sigismember(&pending, SIGUSR2));
	set = sigset_of(SIGUSR1);
	EXPECT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
	EXPECT_EQ(1, count);
	move_here();
	set = sigset_of(SIGRTMIN + 2);
	EXPECT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
	EXPECT_EQ(2, count);
	EXPECT_EQ(99, value);
	EXPECT_EQ(0, sigpending(&pending));
	EXPECT_EQ(1, sigisemptyset(&pending));
	signal(SIGUSR1, SIG_DFL);
	signal(SIGRTMIN + 2, SIG_DFL);
}
