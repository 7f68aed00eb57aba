// SPDX-License-Identifier: GPL-2.0
/* The signal mask is kept, and changes made after the move hold. */
#include "../move.h"

MOVE_TEST(signal_mask)
{
	sigset_t set, now, old;
	int sig;

	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigdelset(&set, SIGRTMIN + 3);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &set, &old));
	move_begin();
	move_here();
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, NULL, &now));
	for (sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && (sig < 32 || sig >= SIGRTMIN))
			EXPECT_EQ(sigismember(&set, sig), sigismember(&now, sig));
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigaddset(&set, SIGRTMAX);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &set, NULL));
	move_here();
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, &now));
	EXPECT_EQ(0, memcmp(&set, &now, 8));
}
