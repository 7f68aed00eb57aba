// SPDX-License-Identifier: GPL-2.0
/* Where results go: into arguments that are one and the same, only where something has changed, and whole. */
#include "../move.h"
#include <linux/futex.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>

#define BIG	(8 << 20)
#define RANDOM	(1 << 20)

/* Two ends of a TCP connection. */
static int connected(int fds[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (void *)&addr, len) || listen(listener, 1) ||
	    getsockname(listener, (void *)&addr, &len))
		return -1;
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fds[0], (void *)&addr, len))
		return -1;
	fds[1] = accept(listener, NULL, NULL);
	close(listener);
	return fds[1] < 0 ? -1 : 0;
}

MOVE_TEST(call_results)
{
	struct timeval none = {};
	fd_set set;
	void *head = NULL;
	char *big = malloc(BIG), buf[64];
	size_t len = 0;
	int fds[2], pair[2], i;

	ASSERT_EQ(0, connected(fds));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	move_begin();
	move_here();
	/* the last set counts, and nothing can be read */
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	EXPECT_EQ(1, syscall(SYS_select, fds[0] + 1, &set, &set, NULL, &none));
	EXPECT_NE(0, FD_ISSET(fds[0], &set));
	/* what TCP cuts off goes nowhere */
	ASSERT_EQ(5, send(fds[0], "hello", 5, 0));
	sleep_ms(100);
	memset(buf, 'x', sizeof(buf));
	EXPECT_EQ(5, recv(fds[1], buf, sizeof(buf), MSG_TRUNC));
	for (i = 0; i < 5; i++)
		EXPECT_EQ('x', buf[i]);
	/* a packet is one, or none */
	EXPECT_EQ(-1, send(pair[0], big, BIG, 0));
	EXPECT_EQ(EMSGSIZE, errno);
	/* one's own robust list by one's own number */
	EXPECT_EQ(0, syscall(SYS_get_robust_list, syscall(SYS_gettid), &head, &len));
	EXPECT_NE(NULL, head);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(RANDOM, getrandom(big, RANDOM, 0));
	move_end();
	free(big);
	close(fds[0]);
	close(fds[1]);
	close(pair[0]);
	close(pair[1]);
}
