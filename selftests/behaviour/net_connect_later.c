// SPDX-License-Identifier: GPL-2.0
/* A connection that is made in the background: in progress, then there, or refused. */
#include "../move.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

MOVE_TEST(net_connect_later)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	struct pollfd pfd;
	int fd, a, err = -1;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	ASSERT_EQ(0, bind(fd, (void *)&addr, len));
	ASSERT_EQ(0, getsockname(fd, (void *)&addr, &len));
	/* nobody listens yet */
	a = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(-1, connect(a, (void *)&addr, len));
	EXPECT_EQ(ECONNREFUSED, errno);
	close(a);
	EXPECT_EQ(0, listen(fd, 5));
	a = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	err = connect(a, (void *)&addr, len);
	EXPECT_TRUE(!err || errno == EINPROGRESS);
	move_here();
	pfd = (struct pollfd){ .fd = a, .events = POLLOUT };
	while (poll(&pfd, 1, 10000) < 0 && errno == EINTR)
		;
	EXPECT_EQ(POLLOUT, pfd.revents);
	len = sizeof(err);
	EXPECT_EQ(0, getsockopt(a, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(0, err);
	/* the first says that the one which was under way is there */
	connect(a, (void *)&addr, sizeof(addr));
	EXPECT_EQ(-1, connect(a, (void *)&addr, sizeof(addr)));
	EXPECT_EQ(EISCONN, errno);
	close(a);
	close(fd);
}
