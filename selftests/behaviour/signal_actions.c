// SPDX-License-Identifier: GPL-2.0
/* Handlers, flags and masks set before the move are in force after it. */
#include "../move.h"

static volatile int got, blocked;

static void handler(int sig, siginfo_t *info, void *uc)
{
	sigset_t now;

	(void)info;
	(void)uc;
	got = sig;
	sigprocmask(SIG_SETMASK, NULL, &now);
	blocked = sigismember(&now, SIGUSR2) * 2 + sigismember(&now, SIGUSR1);
}

MOVE_TEST(signal_actions)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESETHAND };
	struct sigaction now;

	sa.sa_mask = sigset_of(SIGUSR2);
	ASSERT_EQ(0, sigaction(SIGUSR1, &sa, NULL));
	ASSERT_NE(SIG_ERR, signal(SIGHUP, SIG_IGN));
	got = 0;
	move_begin();
	move_here();
	EXPECT_EQ(0, sigaction(SIGUSR1, NULL, &now));
	EXPECT_EQ((void *)handler, (void *)now.sa_sigaction);
	EXPECT_EQ(SA_SIGINFO | SA_RESETHAND, now.sa_flags & 0xfbffffff);
	EXPECT_EQ(1, sigismember(&now.sa_mask, SIGUSR2));
	EXPECT_EQ(0, raise(SIGHUP));
	EXPECT_EQ(0, raise(SIGUSR1));
	EXPECT_EQ(SIGUSR1, got);
	EXPECT_EQ(3, blocked);
	move_here();
	/* SA_RESETHAND has reset it. */
	EXPECT_EQ(0, sigaction(SIGUSR1, NULL, &now));
	EXPECT_EQ((void *)SIG_DFL, (void *)now.sa_handler);
	EXPECT_EQ(0, sigaction(SIGHUP, NULL, &now));
	EXPECT_EQ((void *)SIG_IGN, (void *)now.sa_handler);
	signal(SIGHUP, SIG_DFL);
}
