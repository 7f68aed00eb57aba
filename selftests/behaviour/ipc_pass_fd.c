// SPDX-License-Identifier: GPL-2.0
/* SCM_RIGHTS and SCM_CREDENTIALS: descriptors sent and received work at home and away. */
#include "../move.h"
#include <sys/socket.h>

static int send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'f';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	return sendmsg(sock, &msg, 0);
}

/* Return the descriptor received; *pid is the sender's. */
static int recv_fd(int sock, pid_t *pid)
{
	char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))], byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	struct ucred cred;
	int fd = -1;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 || byte != 'f' ||
	    msg.msg_flags & MSG_CTRUNC)
		return -1;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
		if (cmsg->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
			*pid = cred.pid;
		}
	}
	return fd;
}

MOVE_TEST(ipc_pass_fd)
{
	int s[2], fd, got, one = 1;
	char text[8];
	pid_t pid = 0;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	ASSERT_EQ(0, setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	ASSERT_EQ(1, send_fd(s[0], fd));
	EXPECT_EQ(0, close(fd));
	got = recv_fd(s[1], &pid);
	ASSERT_LE(0, got);
	EXPECT_EQ(getpid(), pid);
	EXPECT_EQ(FD_CLOEXEC, fcntl(got, F_GETFD));
	EXPECT_EQ(6, write(got, "passed", 6));
	move_here();
	EXPECT_EQ(6, pread(got, text, sizeof(text), 0));
	EXPECT_EQ(0, memcmp(text, "passed", 6));
	EXPECT_EQ(0, close(got));
	close(s[0]);
	close(s[1]);
	EXPECT_EQ(0, unlink("file"));
}
