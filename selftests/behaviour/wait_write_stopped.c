// SPDX-License-Identifier: GPL-2.0
/*
 * A writer is stopped and continued again and again in the middle of its writes, which end early then,
 * and moved at any moment: the reader gets each byte once.
 */
#include "../move.h"
#include <sys/uio.h>

#define BYTES	(3 << 20)

static uint64_t data[BYTES / 8];

static void writer(struct __test_metadata *_metadata, int fd)
{
	struct iovec iov[2];
	size_t n = 0, half;
	ssize_t ret;

	move_begin();
	move_later(50);
	while (n < BYTES) {
		half = (BYTES - n) / 2;
		iov[0] = (struct iovec){ (char *)data + n, half };
		iov[1] = (struct iovec){ (char *)data + n + half, BYTES - n - half };
		ret = n / 100000 % 2 ? writev(fd, iov, 2) : write(fd, (char *)data + n, BYTES - n);
		if (ret <= 0)
			_exit(1);
		n += ret;
	}
	move_wait();
	move_end();
	_exit(0);
}

MOVE_TEST(wait_write_stopped)
{
	static uint64_t got[BYTES / 8];
	size_t n = 0, next = 0;
	int fds[2];
	ssize_t ret;
	pid_t pid;

	pattern_fill(data, BYTES, 5);
	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[0]);
		writer(_metadata, fds[1]);
	}
	close(fds[1]);
	while ((ret = read(fds[0], (char *)got + n, n + 8192 < BYTES ? 8192 : BYTES - n)) > 0) {
		n += ret;
		if (n < next)
			continue;
		next = n + 40000;
		EXPECT_EQ(0, kill(pid, SIGSTOP));
		sleep_ms(10);
		EXPECT_EQ(0, kill(pid, SIGCONT));
		sleep_ms(10);
	}
	close(fds[0]);
	EXPECT_EQ(BYTES, n);
	EXPECT_EQ(-1, pattern_check(got, BYTES, 5));
	EXPECT_EQ(0, wait_for(pid));
}
