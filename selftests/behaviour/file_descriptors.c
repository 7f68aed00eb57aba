// SPDX-License-Identifier: GPL-2.0
/* dup, dup2, dup3, fcntl: descriptors share offsets and flags as they should. */
#include "../move.h"

MOVE_TEST(file_descriptors)
{
	int fd, two, three, four;
	char text[8];

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	two = dup(fd);
	ASSERT_LE(0, two);
	ASSERT_EQ(4, write(fd, "abcd", 4));
	move_begin();
	move_here();
	EXPECT_EQ(4, lseek(two, 0, SEEK_CUR));
	three = dup2(fd, 150);
	EXPECT_EQ(150, three);
	EXPECT_EQ(151, dup3(fd, 151, O_CLOEXEC));
	EXPECT_EQ(FD_CLOEXEC, fcntl(151, F_GETFD));
	EXPECT_EQ(0, fcntl(150, F_GETFD));
	EXPECT_EQ(0, fcntl(150, F_SETFD, FD_CLOEXEC));
	EXPECT_EQ(FD_CLOEXEC, fcntl(150, F_GETFD));
	four = fcntl(fd, F_DUPFD, 160);
	EXPECT_EQ(160, four);
	EXPECT_EQ(0, fcntl(fd, F_SETFL, O_APPEND));
	EXPECT_EQ(O_APPEND, fcntl(two, F_GETFL) & (O_APPEND | O_NONBLOCK));
	EXPECT_EQ(1, lseek(four, 1, SEEK_SET));
	move_here();
	EXPECT_EQ(3, read(three, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "bcd", 3));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, lseek(two, 0, SEEK_SET));
	EXPECT_EQ(0, close(two));
	EXPECT_EQ(0, close(three));
	EXPECT_EQ(0, close_range(151, 160, 0));
	EXPECT_EQ(-1, fcntl(four, F_GETFD));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, unlink("file"));
}
