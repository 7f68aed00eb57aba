// SPDX-License-Identifier: GPL-2.0
/* UDP over loopback: sendto, recvfrom, sendmmsg, recvmmsg, connected sockets. */
#include "../move.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int bound(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (void *)addr, len) || getsockname(fd, (void *)addr, &len))
		abort();
	return fd;
}

MOVE_TEST(net_udp)
{
	struct sockaddr_in a_addr, b_addr, from;
	char bufs[3][16], text[16];
	struct mmsghdr msgs[3];
	struct iovec iov[3];
	socklen_t len;
	int a, b, i;

	a = bound(&a_addr);
	b = bound(&b_addr);
	move_begin();
	move_here();
	EXPECT_EQ(4, sendto(a, "ping", 4, 0, (void *)&b_addr, sizeof(b_addr)));
	len = sizeof(from);
	memset(&from, 0, sizeof(from));
	EXPECT_EQ(4, recvfrom(b, text, sizeof(text), 0, (void *)&from, &len));
	EXPECT_EQ(sizeof(from), len);
	EXPECT_EQ(a_addr.sin_port, from.sin_port);
	EXPECT_EQ(a_addr.sin_addr.s_addr, from.sin_addr.s_addr);
	EXPECT_EQ(0, connect(b, (void *)&from, sizeof(from)));
	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < 3; i++) {
		snprintf(bufs[i], 16, "message %d", i);
		iov[i] = (struct iovec){ bufs[i], 9 + i };
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	EXPECT_EQ(3, sendmmsg(b, msgs, 3, 0));
	EXPECT_EQ(11, msgs[2].msg_len);
	move_here();
	memset(bufs, 0, sizeof(bufs));
	for (i = 0; i < 3; i++) {
		iov[i].iov_len = 16;
		msgs[i].msg_len = 0;
	}
	EXPECT_EQ(3, recvmmsg(a, msgs, 3, 0, NULL));
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		EXPECT_EQ(9 + i, msgs[i].msg_len);
		EXPECT_STREQ(text, bufs[i]);
	}
	EXPECT_EQ(-1, recv(a, text, sizeof(text), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	close(a);
	close(b);
}
