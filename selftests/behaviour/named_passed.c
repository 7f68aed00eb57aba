// SPDX-License-Identifier: GPL-2.0
/*
 * A moved process hands the descriptor of its shared memory to another one, which reads and writes by
 * it; and one that has inherited it does so after it has started another program.
 */
#include "../named.h"
#include <sys/socket.h>

static void send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, 0) != 1)
		abort();
}

static int receive_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(sock, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		abort();
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static int moved(int sock)
{
	int fd = memfd_create("test", 0), status, i;
	char *p, byte, self[64];
	pid_t pid;

	if (fd < 0 || ftruncate(fd, NAMED_BYTES))
		return 1;
	p = mmap(NULL, NAMED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 2;
	move_ask(MOVE_BEGIN, 0);
	move_here();
	pattern_fill(p, NAMED_HALF, 1);
	move_stay();
	send_fd(sock, fd);
	/* who reads there waits for us, with the position that we ask for */
	for (i = 0; i < 1000; i++)
		lseek(fd, 0, SEEK_CUR);
	if (read(sock, &byte, 1) != 1 || pattern_check(p, NAMED_HALF, 2) >= 0)
		return 3;
	memcpy(p, "hello\n", 6);
	snprintf(self, sizeof(self), "[ \"$(head -c 5 <&%d)\" = hello ]", fd);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", self, NULL);
		_exit(4);
	}
	return waitpid(pid, &status, 0) != pid || status ? 5 : 0;
}

MOVE_TEST(named_passed)
{
	static char data[NAMED_HALF];
	int socks[2], fd;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, socks));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(moved(socks[1]));
	fd = receive_fd(socks[0]);
	ASSERT_EQ((ssize_t)NAMED_HALF, read(fd, data, NAMED_HALF));
	EXPECT_EQ(-1, pattern_check(data, NAMED_HALF, 1));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	pattern_fill(data, NAMED_HALF, 2);
	ASSERT_EQ((ssize_t)NAMED_HALF, pwrite(fd, data, NAMED_HALF, 0));
	close(fd);
	ASSERT_EQ(1, write(socks[0], "", 1));
	EXPECT_EQ(0, wait_for(pid));
	close(socks[0]);
	close(socks[1]);
}
