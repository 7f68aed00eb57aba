// SPDX-License-Identifier: GPL-2.0
/*
 * What only looks like half a transfer is none: a datagram that is shorter than the room for it, data
 * that is only looked at, a write of which the kernel takes no more.
 */
#include "../move.h"
#include <sys/eventfd.h>
#include <sys/socket.h>

static void twice(struct __test_metadata *_metadata, int fd, int peer)
{
	char buf[1500];
	int i;

	for (i = 0; i < 40; i++) {
		ASSERT_EQ(10, send(peer, "0123456789", 10, 0));
		ASSERT_EQ(5, send(peer, "abcde", 5, 0));
		ASSERT_EQ(10, recv(fd, buf, sizeof(buf), MSG_WAITALL));
		ASSERT_EQ(5, recv(fd, buf, sizeof(buf), MSG_WAITALL));
		ASSERT_EQ(0, memcmp(buf, "abcde", 5));
	}
}

MOVE_TEST(net_wait_datagram)
{
	uint64_t two[2] = { 1, 1000 }, value;
	int fds[2], event, i;
	char buf[100];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	event = eventfd(0, 0);
	ASSERT_LE(0, event);
	move_begin();
	move_here();
	twice(_metadata, fds[0], fds[1]);
	for (i = 0; i < 40; i++)
		ASSERT_EQ(8, write(event, two, sizeof(two)));
	ASSERT_EQ(8, read(event, &value, sizeof(value)));
	EXPECT_EQ(40, value);
	close(fds[0]);
	close(fds[1]);
	close(event);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ASSERT_EQ(10, send(fds[1], "0123456789", 10, 0));
	for (i = 0; i < 40; i++)
		ASSERT_EQ(10, recv(fds[0], buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(10, recv(fds[0], buf, sizeof(buf), 0));
	move_here();
	close(fds[0]);
	close(fds[1]);
}
