// SPDX-License-Identifier: GPL-2.0
/* A TCP echo over loopback: 1 MiB each way, addresses, options, end of file. */
#include "../move.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BYTES	(1UL << 20)

static uint64_t data[BYTES / 8], got[BYTES / 8];

static int server(int lfd)
{
	char buf[65536];
	ssize_t n, m, done;
	int fd = accept(lfd, NULL, NULL);

	if (fd < 0)
		return 1;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += m) {
			m = write(fd, buf + done, n - done);
			if (m <= 0)
				return 2;
		}
	return n != 0;
}

MOVE_TEST(net_tcp)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, peer;
	socklen_t len = sizeof(addr);
	size_t sent = 0, have = 0;
	int lfd, fd, value;
	ssize_t n;
	pid_t pid;

	pattern_fill(data, BYTES, 30);
	lfd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, lfd);
	ASSERT_EQ(0, bind(lfd, (void *)&addr, len));
	ASSERT_EQ(0, listen(lfd, 1));
	ASSERT_EQ(0, getsockname(lfd, (void *)&addr, &len));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(server(lfd));
	close(lfd);
	move_begin();
	move_here();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, (void *)&addr, sizeof(addr)));
	len = sizeof(peer);
	EXPECT_EQ(0, getpeername(fd, (void *)&peer, &len));
	EXPECT_EQ(addr.sin_port, peer.sin_port);
	value = 1;
	EXPECT_EQ(0, setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
	while (have < BYTES) {
		if (have == BYTES / 2)
			move_here();
		if (sent < BYTES) {
			n = send(fd, (char *)data + sent, BYTES - sent < 32768 ? BYTES - sent : 32768, 0);
			ASSERT_LT(0, n);
			sent += n;
		}
		while (have < sent) {
			n = recv(fd, (char *)got + have, BYTES - have, 0);
			ASSERT_LT(0, n);
			have += n;
		}
	}
	EXPECT_EQ(-1, pattern_check(got, BYTES, 30));
	EXPECT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(0, recv(fd, got, 1, 0));
	move_end();
	close(fd);
	EXPECT_EQ(0, wait_for(pid));
}
