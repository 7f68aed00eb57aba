// SPDX-License-Identifier: GPL-2.0
/* timer_create() of a CPU clock: it expires while the program computes and makes no call. */
#include "../move.h"

static volatile int count, value;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	count++;
	value = info->si_value.sival_int;
}

/* Compute until the handler has run; the clock that is looked at is no call. */
static int64_t spin_until_signal(void)
{
	int64_t end = now_ms() + 15000 * move_slow();
	volatile int i;

	while (!count && now_ms() < end)
		for (i = 0; i < 100000; i++)
			;
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

MOVE_TEST(timer_cpu_posix)
{
	static const clockid_t clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
	struct itimerspec its = { .it_value = ms_ts(300) };
	int64_t start;
	unsigned int i;
	timer_t timer;

	on_signal(SIGRTMIN + 2, handler, SA_RESTART);
	move_begin();
	for (i = 0; i < 2; i++) {
		ev.sigev_value.sival_int = 100 + i;
		count = 0;
		ASSERT_EQ(0, timer_create(clocks[i], &ev, &timer));
		start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		ASSERT_EQ(0, timer_settime(timer, 0, &its, NULL));
		move_here();
		EXPECT_GE(spin_until_signal() - start, 290000000);
		EXPECT_EQ(1, count);
		EXPECT_EQ(100 + (int)i, value);
		EXPECT_EQ(0, timer_delete(timer));
	}
	signal(SIGRTMIN + 2, SIG_DFL);
}
