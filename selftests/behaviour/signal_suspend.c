// SPDX-License-Identifier: GPL-2.0
/* sigsuspend() lets in just the signal that it should, and puts the mask back. */
#include "../move.h"
#include <sys/time.h>

static volatile int usr1, alrm;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	if (sig == SIGUSR1)
		usr1++;
	else
		alrm++;
}

MOVE_TEST(signal_suspend)
{
	struct itimerval it = { .it_value = { 0, 400000 } };
	sigset_t set = sigset_of(SIGUSR1), old, now, suspend;

	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGALRM, handler, 0);
	usr1 = 0;
	alrm = 0;
	sigaddset(&set, SIGALRM);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	ASSERT_EQ(0, raise(SIGUSR1));
	move_begin();
	move_later(100);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	suspend = sigset_of(SIGUSR1);
	EXPECT_EQ(-1, sigsuspend(&suspend));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(1, alrm);
	EXPECT_EQ(0, usr1);
	EXPECT_EQ(0, sigprocmask(SIG_SETMASK, NULL, &now));
	EXPECT_EQ(1, sigismember(&now, SIGALRM));
	EXPECT_EQ(1, sigismember(&now, SIGUSR1));
	move_wait();
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(1, usr1);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
}
