// SPDX-License-Identifier: GPL-2.0
/* Pipes: order, atomicity, end of file, O_NONBLOCK, size. */
#include "../move.h"

MOVE_TEST(ipc_pipe)
{
	char out[4096], in[4096];
	int fds[2], i;

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	ASSERT_EQ(11, write(fds[1], "left inside", 11));
	move_begin();
	move_here();
	EXPECT_EQ(11, read(fds[0], in, sizeof(in)));
	EXPECT_EQ(0, memcmp(in, "left inside", 11));
	for (i = 0; i < 10; i++) {
		memset(out, i, sizeof(out));
		ASSERT_EQ(4096, write(fds[1], out, 4096));
	}
	move_here();
	for (i = 0; i < 10; i++) {
		memset(out, i, sizeof(out));
		ASSERT_EQ(4096, read(fds[0], in, 4096));
		ASSERT_EQ(0, memcmp(in, out, 4096));
	}
	EXPECT_EQ(0, fcntl(fds[0], F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(fds[0], in, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(131072, fcntl(fds[1], F_SETPIPE_SZ, 131072));
	EXPECT_EQ(131072, fcntl(fds[0], F_GETPIPE_SZ));
	EXPECT_EQ(0, close(fds[1]));
	EXPECT_EQ(0, read(fds[0], in, 1));
	EXPECT_EQ(0, close(fds[0]));
}
