// SPDX-License-Identifier: GPL-2.0
/* timerfd: an absolute time, an interval, and one that is told when somebody sets the clock. */
#include "../move.h"
#include <sys/timerfd.h>

MOVE_TEST(fd_timerfd_clocks)
{
	struct itimerspec its = { 0 }, left;
	struct timespec now;
	uint64_t count = 0;
	int mono, real;

	mono = timerfd_create(CLOCK_MONOTONIC, 0);
	real = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	ASSERT_LE(0, mono);
	ASSERT_LE(0, real);
	move_begin();
	move_here();
	clock_gettime(CLOCK_MONOTONIC, &now);
	its.it_value = now;
	its.it_value.tv_sec += 1;
	EXPECT_EQ(0, timerfd_settime(mono, TFD_TIMER_ABSTIME, &its, NULL));
	move_later(300);
	EXPECT_EQ(8, read(mono, &count, 8));
	EXPECT_EQ(1, count);
	EXPECT_LE(now.tv_sec + 1, clock_ns(CLOCK_MONOTONIC) / 1000000000 + 1);
	EXPECT_LE(999000000LL - MONO_SLOP_MS * 1000000LL,
		  clock_ns(CLOCK_MONOTONIC) - (now.tv_sec * 1000000000LL + now.tv_nsec));
	move_wait();
	/* one that lies in the past has expired */
	its.it_value.tv_sec = 1;
	EXPECT_EQ(0, timerfd_settime(mono, TFD_TIMER_ABSTIME, &its, NULL));
	EXPECT_EQ(8, read(mono, &count, 8));
	its = (struct itimerspec){ .it_value = { 100, 0 }, .it_interval = { 50, 0 } };
	EXPECT_EQ(0, timerfd_settime(mono, 0, &its, NULL));
	EXPECT_EQ(0, timerfd_gettime(mono, &left));
	EXPECT_EQ(50, left.it_interval.tv_sec);
	EXPECT_LE(90, left.it_value.tv_sec);
	its = (struct itimerspec){ .it_value = { 4000000000, 0 } };
	EXPECT_EQ(0, timerfd_settime(real, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &its, NULL));
	EXPECT_EQ(-1, read(real, &count, 8));
	EXPECT_EQ(EAGAIN, errno);
	move_here();
	/* home's clock is set, to what it is: it goes back by the time between these two calls */
	EXPECT_EQ(0, syscall(SYS_clock_gettime, CLOCK_TAI, &now));
	EXPECT_EQ(0, clock_settime(CLOCK_REALTIME, &now));
	EXPECT_EQ(-1, read(real, &count, 8));
	EXPECT_EQ(ECANCELED, errno);
	close(mono);
	close(real);
}
