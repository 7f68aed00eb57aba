// SPDX-License-Identifier: GPL-2.0
/* timerfd: a timer set before the move expires in time; a blocking read waits for it. */
#include "../move.h"
#include <sys/timerfd.h>

MOVE_TEST(fd_timerfd)
{
	struct itimerspec its = { .it_value = ms_ts(WAIT_MS) }, now;
	uint64_t value = 0;
	int64_t start;
	int fd;

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	ASSERT_LE(0, fd);
	move_begin();
	start = now_ms();
	ASSERT_EQ(0, timerfd_settime(fd, 0, &its, NULL));
	move_later(MOVE_MS);
	EXPECT_EQ(8, read(fd, &value, 8));
	EXPECT_EQ(1, value);
	EXPECT_TOOK(start, WAIT_MS);
	move_wait();
	its.it_value = ms_ts(100000);
	its.it_interval = ms_ts(250);
	EXPECT_EQ(0, timerfd_settime(fd, 0, &its, NULL));
	EXPECT_EQ(0, timerfd_gettime(fd, &now));
	EXPECT_EQ(250000000, now.it_interval.tv_nsec);
	EXPECT_GE(now.it_value.tv_sec, 90);
	close(fd);
}
