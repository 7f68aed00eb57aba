// SPDX-License-Identifier: GPL-2.0
/* Opening a FIFO blocks until the other end comes, through a move. */
#include "../move.h"
#include <sys/stat.h>

static int peer(void)
{
	char text[16];
	int fd;

	sleep_ms(400 * move_slow());
	fd = open("fifo", O_RDONLY);
	if (fd < 0 || read(fd, text, 16) != 5 || memcmp(text, "hello", 5))
		return 1;
	return read(fd, text, 16) != 0;
}

MOVE_TEST(ipc_fifo)
{
	pid_t pid;
	int fd;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(peer());
	move_begin();
	move_later(100);
	fd = open("fifo", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(5, write(fd, "hello", 5));
	EXPECT_EQ(0, close(fd));
	move_wait();
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, unlink("fifo"));
}
