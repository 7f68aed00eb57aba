// SPDX-License-Identifier: GPL-2.0
/*
 * One write() or writev() of much into a pipe goes on through moves until all is written; nothing is
 * lost or doubled.
 */
#include "../move.h"
#include <sys/uio.h>

#define BYTES	(1 << 20)

static uint64_t data[BYTES / 8];

/* It reads slowly, as much as may be there. */
static int reader(int fd)
{
	static uint64_t got[BYTES / 8];
	size_t n = 0;
	ssize_t ret;

	sleep_ms(300 * move_slow());
	while ((ret = read(fd, (char *)got + n, sizeof(got) - n)) > 0) {
		n += ret;
		sleep_ms(20);
	}
	return n != BYTES || pattern_check(got, BYTES, 1) != -1;
}

static pid_t start(struct __test_metadata *_metadata, int fds[2])
{
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		_exit(reader(fds[0]));
	}
	close(fds[0]);
	return pid;
}

MOVE_TEST(wait_pipe_write)
{
	struct iovec iov[3] = {
		{ data, 300000 }, { (char *)data + 300000, 1 },
		{ (char *)data + 300001, BYTES - 300001 },
	};
	int fds[2], more[2];
	pid_t pid, other;

	pattern_fill(data, BYTES, 1);
	pid = start(_metadata, fds);
	other = start(_metadata, more);
	move_begin();
	move_later(100);
	EXPECT_EQ(BYTES, write(fds[1], data, BYTES));
	close(fds[1]);
	move_wait();
	move_later(100);
	EXPECT_EQ(BYTES, writev(more[1], iov, 3));
	close(more[1]);
	move_wait();
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, wait_for(other));
}
