// SPDX-License-Identifier: GPL-2.0
/* The time is right at any moment, for a program that does nothing but ask for it; and for its handlers. */
#include "../move.h"
#include <sys/time.h>

static volatile int wrong;
static volatile int64_t last;

static void look(void)
{
	struct timeval tv;
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	/* no machine is that slow, nor has been up for that long */
	if (now < last || now > last + 60000000000LL)
		wrong++;
	last = now;
	if (gettimeofday(&tv, NULL) || tv.tv_sec < 1600000000 || time(NULL) < 1600000000)
		wrong++;
}

static void on_alarm(int sig, siginfo_t *info, void *context)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + 1000000;

	(void)sig;
	(void)info;
	(void)context;
	while (clock_ns(CLOCK_MONOTONIC) < end)
		;
}

MOVE_TEST(clock_never_wrong)
{
	/* there must be time between the handlers */
	const long often_us = 50000 * move_slow();
	struct itimerval often = { { 0, often_us }, { 0, often_us } }, off = {};
	int64_t end;

	on_signal(SIGALRM, on_alarm, SA_RESTART);
	last = clock_ns(CLOCK_MONOTONIC);
	move_begin();
	move_here();
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	end = last + WAIT_MS * 1000000LL;
	while (last < end && !wrong)
		look();
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &off, NULL));
	EXPECT_EQ(0, wrong);
}
