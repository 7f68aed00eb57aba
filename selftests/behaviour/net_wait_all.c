// SPDX-License-Identifier: GPL-2.0
/*
 * recv() of 10 MiB with MSG_WAITALL returns when all of it is there. A move in the middle may end
 * recvmsg() early, as a signal would; nothing is lost or doubled then.
 */
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

/* Return: bytes received, in a few pieces at most. */
static size_t receive(int fd, struct iovec *iov, int cnt)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = cnt };
	size_t done = 0;
	int pieces;
	ssize_t n;

	for (pieces = 0; done < BYTES && pieces < 25; pieces++) {
		n = recvmsg(fd, &msg, MSG_WAITALL);
		if (n <= 0 || msg.msg_flags & ~MSG_WAITALL)
			break;
		done += n;
		while (cnt > 1 && (size_t)n >= iov->iov_len) {
			n -= iov->iov_len;
			iov++;
			cnt--;
			msg = (struct msghdr){ .msg_iov = iov, .msg_iovlen = cnt };
		}
		iov->iov_base = (char *)iov->iov_base + n;
		iov->iov_len -= n;
	}
	return done;
}

MOVE_TEST(net_wait_all)
{
	uint64_t *data, *got;
	struct iovec iov[2];
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
	EXPECT_EQ(BYTES, receive(fds[1], iov, 2));
	EXPECT_EQ(-1, pattern_check(got, BYTES, 77));
	EXPECT_EQ(0, recv(fds[1], got, 1, MSG_WAITALL));
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(fds[1]);
	EXPECT_EQ(0, munmap(data, 2 * BYTES));
}
