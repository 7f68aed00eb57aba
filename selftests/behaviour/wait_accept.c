// SPDX-License-Identifier: GPL-2.0
/* accept() and recv() that block go on through the move. */
#include "../move.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int client(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = port,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[8];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sleep_ms(300 * move_slow());
	if (connect(fd, (void *)&to, sizeof(to)))
		return 1;
	sleep_ms(300 * move_slow());
	if (send(fd, "question", 8, 0) != 8)
		return 2;
	if (recv(fd, text, 6, MSG_WAITALL) != 6 || memcmp(text, "answer", 6))
		return 3;
	return 0;
}

MOVE_TEST(wait_accept)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int lfd, fd;
	char text[32];
	pid_t pid;

	lfd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, lfd);
	ASSERT_EQ(0, bind(lfd, (void *)&addr, len));
	ASSERT_EQ(0, listen(lfd, 1));
	ASSERT_EQ(0, getsockname(lfd, (void *)&addr, &len));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(client(addr.sin_port));
	move_begin();
	move_later(100);
	len = sizeof(addr);
	fd = accept(lfd, (void *)&addr, &len);
	ASSERT_LE(0, fd);
	EXPECT_EQ(AF_INET, addr.sin_family);
	EXPECT_EQ(sizeof(addr), len);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), addr.sin_addr.s_addr);
	EXPECT_EQ(8, recv(fd, text, sizeof(text), 0));
	EXPECT_EQ(0, memcmp(text, "question", 8));
	EXPECT_EQ(6, send(fd, "answer", 6, 0));
	EXPECT_EQ(0, recv(fd, text, sizeof(text), 0));
	move_wait();
	move_end();
	close(fd);
	close(lfd);
	EXPECT_EQ(0, wait_for(pid));
}
