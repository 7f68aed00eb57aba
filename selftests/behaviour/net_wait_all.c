// SPDX-License-Identifier: GPL-2.0
/* recv() and recvmsg() of 10 MiB with MSG_WAITALL: they return when all of it is there. */
#include "../move.h"
#include <sys/socket.h>
#include <sys/uio.h>

#define BYTES	(10UL << 20)

static int sender(int fd, uint64_t *data)
{
	size_t done;
	ssize_t n;
	int i;

	for (i = 0; i < 2; i++)
		for (done = 0; done < BYTES; done += n) {
			n = write(fd, (char *)data + done, BYTES - done);
			if (n <= 0)
				return 1;
		}
	return 0;
}

MOVE_TEST(net_wait_all)
{
	uint64_t *data, *got;
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	int fds[2];
	pid_t pid;

	data = mmap(NULL, 2 * BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, data);
	got = data + BYTES / 8;
	pattern_fill(data, BYTES, 77);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		_exit(sender(fds[0], data));
	}
	close(fds[0]);
	move_begin();
	move_here();
	EXPECT_EQ(BYTES, recv(fds[1], got, BYTES, MSG_WAITALL));
	EXPECT_EQ(-1, pattern_check(got, BYTES, 77));
	memset(got, 0, BYTES);
	iov[0] = (struct iovec){ got, BYTES / 2 + 24 };
	iov[1] = (struct iovec){ (char *)got + BYTES / 2 + 24, BYTES / 2 - 24 };
	EXPECT_EQ(BYTES, recvmsg(fds[1], &msg, MSG_WAITALL));
	EXPECT_EQ(0, msg.msg_flags & ~MSG_WAITALL);
	EXPECT_EQ(-1, pattern_check(got, BYTES, 77));
	EXPECT_EQ(0, recv(fds[1], got, 1, MSG_WAITALL));
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(fds[1]);
	EXPECT_EQ(0, munmap(data, 2 * BYTES));
}
