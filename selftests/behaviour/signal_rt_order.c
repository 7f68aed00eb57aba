// SPDX-License-Identifier: GPL-2.0
/* Queued real-time signals arrive all, lowest number first, each in order. */
#include "../move.h"

#define EACH	20

static int order[3 * EACH];
static volatile int count;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	if (count < 3 * EACH)
		order[count] = (sig - SIGRTMIN) * 100 + info->si_value.sival_int;
	count++;
}

MOVE_TEST(signal_rt_order)
{
	sigset_t set, all, old;
	int i, s;

	sigemptyset(&set);
	sigfillset(&all);
	for (s = 0; s < 3; s++) {
		struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO,
					.sa_mask = all };

		ASSERT_EQ(0, sigaction(SIGRTMIN + s, &sa, NULL));
		sigaddset(&set, SIGRTMIN + s);
	}
	count = 0;
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	move_begin();
	for (i = 0; i < EACH; i++) {
		if (i == EACH / 2)
			move_here();
		for (s = 2; s >= 0; s--)
			ASSERT_EQ(0, sigqueue(getpid(), SIGRTMIN + s,
					      (union sigval){ .sival_int = i }));
	}
	EXPECT_EQ(0, count);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	ASSERT_EQ(3 * EACH, count);
	/*
	 * The kernel stacks the frames of what it dequeues, lowest number first, so without
	 * blocking in the handlers the last one would run first; with all blocked in each
	 * they run one by one.
	 */
	for (i = 0; i < 3 * EACH; i++)
		ASSERT_EQ(i / EACH * 100 + i % EACH, order[i]);
	for (s = 0; s < 3; s++)
		signal(SIGRTMIN + s, SIG_DFL);
}
