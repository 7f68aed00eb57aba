// SPDX-License-Identifier: GPL-2.0
/* An eventfd that counts down by one, of which two processes take. */
#include "../move.h"
#include <sys/eventfd.h>

MOVE_TEST(fd_eventfd_semaphore)
{
	uint64_t value = 3;
	int fd, done[2];
	char byte;
	pid_t pid;

	fd = eventfd(0, EFD_SEMAPHORE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(done));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(done[0]);
		if (read(fd, &value, 8) != 8 || value != 1 || write(done[1], "d", 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(done[1]);
	move_begin();
	move_here();
	EXPECT_EQ(8, write(fd, &value, 8));
	EXPECT_EQ(1, read(done[0], &byte, 1));
	EXPECT_EQ(8, read(fd, &value, 8));
	EXPECT_EQ(1, value);
	move_here();
	EXPECT_EQ(8, read(fd, &value, 8));
	EXPECT_EQ(1, value);
	EXPECT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(fd, &value, 8));
	EXPECT_EQ(EAGAIN, errno);
	value = ~0ULL;
	EXPECT_EQ(-1, write(fd, &value, 8));
	EXPECT_EQ(EINVAL, errno);
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(done[0]);
	close(fd);
}
