// SPDX-License-Identifier: GPL-2.0
/* ITIMER_VIRTUAL and ITIMER_PROF go off by CPU time, wherever it is used. */
#include "../move.h"
#include <sys/time.h>

static volatile int virtual, prof;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	if (sig == SIGVTALRM)
		virtual++;
	else
		prof++;
}

static void burn_until(volatile int *flag, int64_t deadline)
{
	volatile int i;

	while (!*flag && now_ms() < deadline)
		for (i = 0; i < 200000; i++)
			;
}

MOVE_TEST(timer_itimer_cpu)
{
	struct itimerval it = { .it_value = { 0, 300000 } };
	int64_t end = now_ms() + 20000 * move_slow(), cpu;

	on_signal(SIGVTALRM, handler, SA_RESTART);
	on_signal(SIGPROF, handler, SA_RESTART);
	virtual = 0;
	prof = 0;
	move_begin();
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ASSERT_EQ(0, setitimer(ITIMER_VIRTUAL, &it, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_PROF, &it, NULL));
	move_here();
	burn_until(&prof, end);
	EXPECT_EQ(1, prof);
	/* The timer counts ticks of the clock, which are a rough measure beside others. */
	EXPECT_GE(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu, 100000000);
	burn_until(&virtual, end);
	EXPECT_EQ(1, virtual);
	signal(SIGVTALRM, SIG_DFL);
	signal(SIGPROF, SIG_DFL);
}
