// SPDX-License-Identifier: GPL-2.0
/* What clocks are asked besides the time: resolution, adjustment; and those that do not exist. */
#include "../move.h"
#include <sys/timex.h>

MOVE_TEST(clock_asked)
{
	struct timex a = { 0 }, b = { 0 };
	struct timespec ts;

	move_begin();
	move_here();
	EXPECT_EQ(0, clock_getres(CLOCK_MONOTONIC, &ts));
	EXPECT_EQ(0, ts.tv_sec);
	EXPECT_LT(0, ts.tv_nsec);
	EXPECT_EQ(0, clock_getres(CLOCK_PROCESS_CPUTIME_ID, NULL));
	EXPECT_EQ(-1, clock_getres(77, &ts));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_LE(0, syscall(SYS_adjtimex, &a));
	EXPECT_LE(0, clock_adjtime(CLOCK_REALTIME, &b));
	EXPECT_EQ(a.tick, b.tick);
	EXPECT_LT(1600000000, a.time.tv_sec);
	move_here();
	EXPECT_EQ(-1, clock_adjtime(CLOCK_MONOTONIC, &b));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(0, clock_gettime(CLOCK_TAI, &ts));
	EXPECT_LT(1600000000, ts.tv_sec);
	EXPECT_EQ(-1, clock_gettime(77, &ts));
	EXPECT_EQ(EINVAL, errno);
}
