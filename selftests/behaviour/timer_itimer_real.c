// SPDX-License-Identifier: GPL-2.0
/* A periodic ITIMER_REAL keeps ticking and keeps its period. */
#include "../move.h"
#include <sys/time.h>

static volatile int ticks;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	ticks++;
}

MOVE_TEST(timer_itimer_real)
{
	struct itimerval it = { .it_value = { 0, 100000 }, .it_interval = { 0, 100000 } }, now;
	int64_t start;

	on_signal(SIGALRM, handler, SA_RESTART);
	ticks = 0;
	move_begin();
	start = now_ms();
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	move_here();
	while (ticks < 8 && now_ms() - start < 10000 * move_slow())
		sleep_ms(20);
	EXPECT_GE(ticks, 8);
	EXPECT_GE(now_ms() - start, 800 - MONO_SLOP_MS);
	EXPECT_EQ(0, getitimer(ITIMER_REAL, &now));
	EXPECT_EQ(100000, now.it_interval.tv_usec);
	memset(&it, 0, sizeof(it));
	EXPECT_EQ(0, setitimer(ITIMER_REAL, &it, &now));
	EXPECT_EQ(100000, now.it_interval.tv_usec);
	signal(SIGALRM, SIG_DFL);
}
