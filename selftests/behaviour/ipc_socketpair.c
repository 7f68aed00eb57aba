// SPDX-License-Identifier: GPL-2.0
/* Unix socket pairs: streams, datagrams and their boundaries, shutdown, buffer sizes. */
#include "../move.h"
#include <sys/socket.h>

MOVE_TEST(ipc_socketpair)
{
	int s[2], d[2], value;
	socklen_t len = sizeof(value);
	char text[64];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, d));
	ASSERT_EQ(3, write(d[0], "one", 3));
	move_begin();
	move_here();
	EXPECT_EQ(5, send(d[0], "two22", 5, 0));
	EXPECT_EQ(3, recv(d[1], text, sizeof(text), 0));
	EXPECT_EQ(5, recv(d[1], text, 2, MSG_TRUNC));
	EXPECT_EQ(-1, recv(d[1], text, sizeof(text), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(7, send(s[0], "stream1", 7, 0));
	EXPECT_EQ(7, send(s[0], "stream2", 7, 0));
	EXPECT_EQ(4, recv(s[1], text, 4, MSG_PEEK));
	EXPECT_EQ(14, recv(s[1], text, 14, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(text, "stream1stream2", 14));
	EXPECT_EQ(0, getsockopt(s[0], SOL_SOCKET, SO_TYPE, &value, &len));
	EXPECT_EQ(SOCK_STREAM, value);
	EXPECT_EQ(sizeof(value), len);
	value = 50000;
	EXPECT_EQ(0, setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)));
	EXPECT_EQ(0, getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &len));
	EXPECT_EQ(100000, value);
	move_here();
	EXPECT_EQ(0, shutdown(s[0], SHUT_WR));
	EXPECT_EQ(0, recv(s[1], text, 1, 0));
	EXPECT_EQ(-1, send(s[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	close(s[0]);
	close(s[1]);
	close(d[0]);
	close(d[1]);
}
