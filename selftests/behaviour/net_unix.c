// SPDX-License-Identifier: GPL-2.0
/* Named and abstract unix sockets, made after the move. */
#include "../move.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static void talk(struct __test_metadata *_metadata, struct sockaddr_un *addr, socklen_t len)
{
	struct ucred cred = { 0 };
	struct sockaddr_un got;
	int lfd, a, b;
	char text[8];

	lfd = socket(AF_UNIX, SOCK_STREAM, 0);
	a = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_LE(0, lfd);
	ASSERT_LE(0, a);
	ASSERT_EQ(0, bind(lfd, (void *)addr, len));
	ASSERT_EQ(0, listen(lfd, 4));
	move_here();
	ASSERT_EQ(0, connect(a, (void *)addr, len));
	b = accept4(lfd, NULL, NULL, SOCK_CLOEXEC);
	ASSERT_LE(0, b);
	EXPECT_EQ(5, send(b, "hello", 5, 0));
	EXPECT_EQ(5, recv(a, text, sizeof(text), 0));
	len = sizeof(cred);
	EXPECT_EQ(0, getsockopt(b, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	EXPECT_EQ(getpid(), cred.pid);
	EXPECT_EQ(getuid(), cred.uid);
	len = sizeof(got);
	EXPECT_EQ(0, getpeername(a, (void *)&got, &len));
	EXPECT_EQ(0, memcmp(got.sun_path, addr->sun_path, 6));
	close(lfd);
	close(a);
	close(b);
}

MOVE_TEST(net_unix)
{
	struct sockaddr_un named = { .sun_family = AF_UNIX, .sun_path = "socket" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX };
	int n;

	n = snprintf(abstract.sun_path + 1, sizeof(abstract.sun_path) - 1, "procmig-%d", getpid());
	move_begin();
	talk(_metadata, &named, sizeof(named));
	talk(_metadata, &abstract, offsetof(struct sockaddr_un, sun_path) + 1 + n);
	EXPECT_EQ(0, unlink("socket"));
}
