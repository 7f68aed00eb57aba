// SPDX-License-Identifier: GPL-2.0
/* close_range() and dup3(): many descriptors at once, close-on-exec, a table of its own. */
#include "../move.h"

MOVE_TEST(fd_close_range)
{
	int i, null;

	null = open("/dev/null", O_RDONLY);
	ASSERT_LE(0, null);
	for (i = 100; i < 140; i++)
		ASSERT_EQ(i, dup2(null, i));
	move_begin();
	move_here();
	EXPECT_EQ(0, close_range(110, 119, CLOSE_RANGE_CLOEXEC));
	EXPECT_EQ(FD_CLOEXEC, fcntl(115, F_GETFD));
	EXPECT_EQ(0, fcntl(120, F_GETFD));
	EXPECT_EQ(0, close_range(120, 129, 0));
	EXPECT_EQ(-1, fcntl(125, F_GETFD));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, close_range(130, 139, CLOSE_RANGE_UNSHARE));
	EXPECT_EQ(-1, close_range(20, 10, 0));
	EXPECT_EQ(EINVAL, errno);
	move_here();
	EXPECT_EQ(101, dup3(null, 101, O_CLOEXEC));
	EXPECT_EQ(FD_CLOEXEC, fcntl(101, F_GETFD));
	EXPECT_EQ(-1, dup3(null, null, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, dup3(null, 102, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, close_range(100, 199, 0));
	EXPECT_EQ(0, close(null));
}
