// SPDX-License-Identifier: GPL-2.0
/* TCP both ways: half closed, urgent data, looked at without taking, options and what is known. */
#include "../move.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static volatile sig_atomic_t urgent;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	urgent++;
}

/* Two ends of a connection. */
static void pair(int s[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	s[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (void *)&addr, len) || listen(fd, 1) ||
	    getsockname(fd, (void *)&addr, &len) || connect(s[0], (void *)&addr, len))
		abort();
	s[1] = accept4(fd, (void *)&addr, &len, SOCK_CLOEXEC);
	if (s[1] < 0)
		abort();
	close(fd);
}

MOVE_TEST(net_tcp_half)
{
	struct linger linger = { 1, 5 }, got = { 0 };
	struct tcp_info info = { 0 };
	socklen_t len;
	char text[16] = "";
	int s[2], one = 1, n = 0;

	on_signal(SIGURG, handler, SA_RESTART);
	urgent = 0;
	pair(s);
	move_begin();
	move_here();
	EXPECT_EQ(0, setsockopt(s[0], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	len = sizeof(got);
	EXPECT_EQ(0, getsockopt(s[0], SOL_SOCKET, SO_LINGER, &got, &len));
	EXPECT_EQ(5, got.l_linger);
	EXPECT_EQ(0, setsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	EXPECT_EQ(3, send(s[0], "abc", 3, 0));
	EXPECT_EQ(3, recv(s[1], text, sizeof(text), MSG_PEEK));
	EXPECT_EQ(0, ioctl(s[1], FIONREAD, &n));
	EXPECT_EQ(3, n);
	EXPECT_EQ(3, recv(s[1], text, sizeof(text), 0));
	EXPECT_EQ(0, fcntl(s[1], F_SETOWN, getpid()));
	EXPECT_EQ(2, send(s[0], "xU", 2, MSG_OOB));
	while (!urgent)
		usleep(1000);
	move_here();
	EXPECT_EQ(1, recv(s[1], text, sizeof(text), 0));
	EXPECT_EQ('x', text[0]);
	EXPECT_EQ(0, ioctl(s[1], SIOCATMARK, &n));
	EXPECT_EQ(1, n);
	EXPECT_EQ(1, recv(s[1], text, 1, MSG_OOB));
	EXPECT_EQ('U', text[0]);
	len = sizeof(info);
	EXPECT_EQ(0, getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_ESTABLISHED, info.tcpi_state);
	EXPECT_LT(0, len);
	EXPECT_EQ(0, shutdown(s[0], SHUT_WR));
	EXPECT_EQ(-1, send(s[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(0, recv(s[1], text, sizeof(text), 0));
	/* the other direction is open */
	EXPECT_EQ(4, send(s[1], "back", 4, MSG_MORE));
	EXPECT_EQ(0, shutdown(s[1], SHUT_WR));
	EXPECT_EQ(4, recv(s[0], text, sizeof(text), MSG_WAITALL));
	EXPECT_EQ(0, memcmp(text, "back", 4));
	close(s[0]);
	close(s[1]);
	signal(SIGURG, SIG_DFL);
}
