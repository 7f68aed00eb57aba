// SPDX-License-Identifier: GPL-2.0
/* select() moved in its midst times out at the right time and says what is left. */
#include "../move.h"
#include <sys/select.h>

/* The kernel would write here what is left, and does not mind that it cannot. */
static const struct timeval brief = { .tv_usec = 1000 };
static const struct timespec short_time = { .tv_nsec = 1000000 };

MOVE_TEST(wait_select)
{
	struct timeval tv = { WAIT_MS / 1000, WAIT_MS % 1000 * 1000 };
	int64_t start;
	int fds[2];
	fd_set set;

	ASSERT_EQ(0, pipe(fds));
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	move_begin();
	start = now_ms();
	move_later(MOVE_MS);
	EXPECT_EQ(0, select(fds[0] + 1, &set, NULL, NULL, &tv));
	EXPECT_TOOK(start, WAIT_MS);
	EXPECT_EQ(0, FD_ISSET(fds[0], &set));
	move_wait();
	/* Something to read: at once, and most of the time is left. */
	ASSERT_EQ(1, write(fds[1], "x", 1));
	FD_SET(fds[0], &set);
	FD_SET(fds[1], &set);
	tv.tv_sec = 1000;
	tv.tv_usec = 0;
	EXPECT_EQ(1, select(fds[1] + 1, &set, NULL, &(fd_set){ { 0 } }, &tv));
	EXPECT_NE(0, FD_ISSET(fds[0], &set));
	EXPECT_EQ(0, FD_ISSET(fds[1], &set));
	EXPECT_GE(tv.tv_sec, 900);
	EXPECT_EQ(0, syscall(SYS_select, 0, NULL, NULL, NULL, &brief));
	EXPECT_EQ(0, syscall(SYS_pselect6, 0, NULL, NULL, NULL, &short_time, NULL));
	EXPECT_EQ(0, syscall(SYS_ppoll, NULL, 0, &short_time, NULL, 0));
	close(fds[0]);
	close(fds[1]);
}
