// SPDX-License-Identifier: GPL-2.0
/* A program moved while it is inside a handler returns from it rightly. */
#include "../move.h"
#include <setjmp.h>

static volatile int depth, inside;

static void handler(int sig, siginfo_t *info, void *uc)
{
	uint64_t local[64];

	(void)info;
	(void)uc;
	pattern_fill(local, sizeof(local), sig);
	inside++;
	move_here();
	if (depth++ < 2)
		raise(SIGUSR2);
	if (pattern_check(local, sizeof(local), sig) != -1)
		_exit(99);
	inside--;
}

MOVE_TEST(signal_move_in_handler)
{
	volatile double x = 1.0 / 3;

	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGUSR2, handler, SA_NODEFER);
	depth = 0;
	inside = 0;
	move_begin();
	ASSERT_EQ(0, raise(SIGUSR1));
	EXPECT_EQ(0, inside);
	EXPECT_EQ(3, depth);
	EXPECT_EQ(1.0 / 3, x);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}
