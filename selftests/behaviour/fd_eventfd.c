// SPDX-License-Identifier: GPL-2.0
/* eventfd: counts kept, semaphore mode, blocking read woken by another process. */
#include "../move.h"
#include <sys/eventfd.h>

static int adder(int fd)
{
	uint64_t five = 5;

	sleep_ms(400 * move_slow());
	return write(fd, &five, 8) != 8;
}

MOVE_TEST(fd_eventfd)
{
	int fd, sem;
	uint64_t value;
	pid_t pid;

	fd = eventfd(7, 0);
	sem = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, sem);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(adder(fd));
	move_begin();
	ASSERT_EQ(8, read(fd, &value, 8));
	EXPECT_EQ(7, value);
	move_later(100);
	ASSERT_EQ(8, read(fd, &value, 8));
	EXPECT_EQ(5, value);
	move_wait();
	EXPECT_EQ(8, read(sem, &value, 8));
	EXPECT_EQ(1, value);
	EXPECT_EQ(8, read(sem, &value, 8));
	EXPECT_EQ(-1, read(sem, &value, 8));
	EXPECT_EQ(EAGAIN, errno);
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(fd);
	close(sem);
}
