// SPDX-License-Identifier: GPL-2.0
/* A write() into a full pipe goes on through the move; nothing is lost or doubled. */
#include "../move.h"

#define BYTES	(1 << 20)

static uint64_t data[BYTES / 8];

static int reader(int fd)
{
	static uint64_t got[BYTES / 8];
	size_t n = 0;
	ssize_t ret;

	sleep_ms(300 * move_slow());
	while ((ret = read(fd, (char *)got + n, sizeof(got) - n)) > 0)
		n += ret;
	return n != BYTES || pattern_check(got, BYTES, 1) != -1;
}

MOVE_TEST(wait_pipe_write)
{
	size_t n = 0;
	int fds[2];
	pid_t pid;

	pattern_fill(data, BYTES, 1);
	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		_exit(reader(fds[0]));
	}
	close(fds[0]);
	move_begin();
	move_later(100);
	/* Short only when interrupted. */
	while (n < BYTES) {
		ssize_t ret = write(fds[1], (char *)data + n, BYTES - n);

		ASSERT_GT(ret, 0);
		n += ret;
	}
	close(fds[1]);
	move_wait();
	move_end();
	EXPECT_EQ(0, wait_for(pid));
}
