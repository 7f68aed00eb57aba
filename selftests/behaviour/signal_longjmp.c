// SPDX-License-Identifier: GPL-2.0
/* siglongjmp() out of a handler to a place set before the move. */
#include "../move.h"
#include <setjmp.h>

static sigjmp_buf place;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	siglongjmp(place, sig);
}

MOVE_TEST(signal_longjmp)
{
	volatile int round = 0;
	sigset_t now;
	int got;

	on_signal(SIGUSR1, handler, 0);
	move_begin();
	got = sigsetjmp(place, 1);
	if (round < 3) {
		EXPECT_EQ(round ? SIGUSR1 : 0, got);
		round++;
		move_here();
		raise(SIGUSR1);
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(0, sigprocmask(SIG_SETMASK, NULL, &now));
	EXPECT_EQ(0, sigismember(&now, SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
}
