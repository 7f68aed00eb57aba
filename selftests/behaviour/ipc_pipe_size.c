// SPDX-License-Identifier: GPL-2.0
/* Pipes: their size is asked and set, what is in them is counted, packets stay packets. */
#include "../move.h"
#include <sys/ioctl.h>

MOVE_TEST(ipc_pipe_size)
{
	char text[64];
	int p[2], q[2], n = -1;

	ASSERT_EQ(0, pipe(p));
	move_begin();
	move_here();
	EXPECT_EQ(65536, fcntl(p[0], F_GETPIPE_SZ));
	EXPECT_EQ(131072, fcntl(p[1], F_SETPIPE_SZ, 100000));
	EXPECT_EQ(131072, fcntl(p[0], F_GETPIPE_SZ));
	EXPECT_EQ(11, write(p[1], "eleven bytes", 11));
	EXPECT_EQ(0, ioctl(p[0], FIONREAD, &n));
	EXPECT_EQ(11, n);
	move_here();
	EXPECT_EQ(11, read(p[0], text, sizeof(text)));
	EXPECT_EQ(0, pipe2(q, O_DIRECT | O_NONBLOCK | O_CLOEXEC));
	EXPECT_EQ(3, write(q[1], "one", 3));
	EXPECT_EQ(5, write(q[1], "three", 5));
	EXPECT_EQ(3, read(q[0], text, sizeof(text)));
	EXPECT_EQ(5, read(q[0], text, sizeof(text)));
	EXPECT_EQ(-1, read(q[0], text, sizeof(text)));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(FD_CLOEXEC, fcntl(q[0], F_GETFD));
	n = 1;
	EXPECT_EQ(0, ioctl(p[0], FIONBIO, &n));
	EXPECT_EQ(-1, read(p[0], text, 1));
	EXPECT_EQ(EAGAIN, errno);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}
