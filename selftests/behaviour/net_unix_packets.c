// SPDX-License-Identifier: GPL-2.0
/* UNIX datagrams and packets: limits are kept, names told, credentials sent along with each. */
#include "../move.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

MOVE_TEST(net_unix_packets)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "here" }, from;
	char control[CMSG_SPACE(sizeof(struct ucred))], text[32];
	struct ucred cred = { 0 };
	struct iovec iov = { text, sizeof(text) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control), .msg_name = &from,
			      .msg_namelen = sizeof(from) };
	struct cmsghdr *cmsg;
	int a, b, s[2], one = 1;

	a = socket(AF_UNIX, SOCK_DGRAM, 0);
	b = socket(AF_UNIX, SOCK_DGRAM, 0);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	move_begin();
	move_here();
	EXPECT_EQ(0, bind(a, (void *)&name, sizeof(name)));
	EXPECT_EQ(0, setsockopt(a, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	strcpy(name.sun_path, "there");
	EXPECT_EQ(0, bind(b, (void *)&name, sizeof(name)));
	strcpy(name.sun_path, "here");
	EXPECT_EQ(6, sendto(b, "packet", 6, 0, (void *)&name, sizeof(name)));
	EXPECT_EQ(0, sendto(b, "", 0, 0, (void *)&name, sizeof(name)));
	move_here();
	EXPECT_EQ(6, recvmsg(a, &msg, 0));
	EXPECT_STREQ("there", from.sun_path);
	cmsg = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cmsg);
	EXPECT_EQ(SCM_CREDENTIALS, cmsg->cmsg_type);
	memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
	EXPECT_EQ(getpid(), cred.pid);
	EXPECT_EQ(getuid(), cred.uid);
	EXPECT_EQ(0, recv(a, text, sizeof(text), 0));
	EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	EXPECT_EQ(5, send(s[0], "first", 5, 0));
	EXPECT_EQ(6, send(s[0], "second", 6, MSG_EOR));
	EXPECT_EQ(2, recv(s[1], text, 2, 0));
	EXPECT_EQ(6, recv(s[1], text, sizeof(text), 0));
	close(s[0]);
	EXPECT_EQ(0, recv(s[1], text, sizeof(text), 0));
	close(s[1]);
	close(a);
	close(b);
	EXPECT_EQ(0, unlink("here"));
	EXPECT_EQ(0, unlink("there"));
}
