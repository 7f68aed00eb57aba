// SPDX-License-Identifier: GPL-2.0
/* Control data of datagrams: time stamps, where a packet came from and by which interface. */
#include "../move.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

static char control[512];

static ssize_t receive(int fd, struct msghdr *msg, char *text, size_t size)
{
	static struct iovec iov;

	iov = (struct iovec){ text, size };
	*msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				.msg_controllen = sizeof(control) };
	return recvmsg(fd, msg, 0);
}

static void *find(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
		if (cmsg->cmsg_level == level && cmsg->cmsg_type == type)
			return CMSG_DATA(cmsg);
	return NULL;
}

MOVE_TEST(net_control_data)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[32], send_control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { "with ttl", 8 };
	struct msghdr out = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = send_control,
			      .msg_controllen = sizeof(send_control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&out);
	socklen_t len = sizeof(addr);
	struct in_pktinfo *info;
	struct timespec *ns;
	struct timeval *us;
	struct msghdr msg;
	int fd, one = 1, *ttl;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind(fd, (void *)&addr, len));
	ASSERT_EQ(0, getsockname(fd, (void *)&addr, &len));
	ASSERT_EQ(0, connect(fd, (void *)&addr, len));
	move_begin();
	move_here();
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)));
	EXPECT_EQ(0, setsockopt(fd, SOL_IP, IP_PKTINFO, &one, sizeof(one)));
	EXPECT_EQ(0, setsockopt(fd, SOL_IP, IP_RECVTTL, &one, sizeof(one)));
	cmsg->cmsg_level = SOL_IP;
	cmsg->cmsg_type = IP_TTL;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(cmsg) = 33;
	EXPECT_EQ(8, sendmsg(fd, &out, 0));
	move_here();
	EXPECT_EQ(8, receive(fd, &msg, text, sizeof(text)));
	EXPECT_EQ(0, msg.msg_flags);
	us = find(&msg, SOL_SOCKET, SCM_TIMESTAMP);
	ASSERT_NE(NULL, us);
	EXPECT_LT(1000000000, us->tv_sec);
	info = find(&msg, SOL_IP, IP_PKTINFO);
	ASSERT_NE(NULL, info);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), info->ipi_addr.s_addr);
	EXPECT_EQ(if_nametoindex("lo"), info->ipi_ifindex);
	ttl = find(&msg, SOL_IP, IP_TTL);
	ASSERT_NE(NULL, ttl);
	EXPECT_EQ(33, *ttl);
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)));
	EXPECT_EQ(5, send(fd, "short", 5, 0));
	EXPECT_EQ(3, receive(fd, &msg, text, 3));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	ns = find(&msg, SOL_SOCKET, SCM_TIMESTAMPNS);
	ASSERT_NE(NULL, ns);
	EXPECT_GT(1000000000, ns->tv_nsec);
	close(fd);
}
