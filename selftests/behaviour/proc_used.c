// SPDX-License-Identifier: GPL-2.0
/* CPU time that is used away shows in all calls that tell of it, of the thread and the process. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/times.h>

static long ms(struct timeval tv)
{
	return tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

MOVE_TEST(proc_used)
{
	struct rusage before, after, mine;
	struct tms tms_before, tms_after;
	struct timespec start, now;
	volatile long n;

	ASSERT_EQ(0, getrusage(RUSAGE_SELF, &before));
	times(&tms_before);
	ASSERT_EQ(0, clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start));
	move_begin();
	move_here();
	do {
		for (n = 0; n < 1000000; n++)
			;
		ASSERT_EQ(0, clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
	} while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < 300000000);
	EXPECT_EQ(0, getrusage(RUSAGE_SELF, &after));
	EXPECT_EQ(0, getrusage(RUSAGE_THREAD, &mine));
	EXPECT_LE(250, ms(after.ru_utime) + ms(after.ru_stime) - ms(before.ru_utime) -
		       ms(before.ru_stime));
	EXPECT_LE(250, ms(mine.ru_utime) + ms(mine.ru_stime));
	EXPECT_LE(before.ru_minflt, after.ru_minflt);
	EXPECT_LT(0, after.ru_maxrss);
	move_here();
	EXPECT_NE((clock_t)-1, times(&tms_after));
	EXPECT_LE(25, tms_after.tms_utime + tms_after.tms_stime - tms_before.tms_utime -
		      tms_before.tms_stime);
	EXPECT_EQ(0, getrusage(RUSAGE_CHILDREN, &mine));
	EXPECT_EQ(-1, getrusage(55, &mine));
	EXPECT_EQ(EINVAL, errno);
}
