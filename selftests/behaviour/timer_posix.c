// SPDX-License-Identifier: GPL-2.0
/* timer_create(): the signal carries its value; settings and overruns can be read. */
#include "../move.h"

static volatile int count, value, code;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	count++;
	value = info->si_value.sival_int;
	code = info->si_code;
}

MOVE_TEST(timer_posix)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1,
			       .sigev_value.sival_int = 4711 };
	struct itimerspec its = { .it_value = ms_ts(400), .it_interval = ms_ts(100) }, now;
	timer_t timer;
	int64_t start;

	on_signal(SIGRTMIN + 1, handler, SA_RESTART);
	count = 0;
	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &ev, &timer));
	start = now_ms();
	ASSERT_EQ(0, timer_settime(timer, 0, &its, NULL));
	move_begin();
	move_here();
	while (count < 3 && now_ms() - start < 10000 * move_slow())
		sleep_ms(20);
	EXPECT_GE(count, 3);
	EXPECT_GE(now_ms() - start, 500);
	EXPECT_EQ(4711, value);
	EXPECT_EQ(SI_TIMER, code);
	EXPECT_EQ(0, timer_gettime(timer, &now));
	EXPECT_EQ(100000000, now.it_interval.tv_nsec);
	EXPECT_LE(0, timer_getoverrun(timer));
	EXPECT_EQ(0, timer_delete(timer));
	EXPECT_EQ(-1, timer_gettime(timer, &now));
	EXPECT_EQ(EINVAL, errno);
	signal(SIGRTMIN + 1, SIG_DFL);
}
