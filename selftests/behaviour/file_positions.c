// SPDX-License-Identifier: GPL-2.0
/* Reads and writes at a position: pread, pwrite, and their vectors with flags. */
#include "../move.h"
#include <sys/uio.h>

MOVE_TEST(file_positions)
{
	char a[8] = "", b[8] = "";
	struct iovec out[2] = { { "abc", 3 }, { "defg", 4 } };
	struct iovec in[2] = { { a, 3 }, { b, 4 } };
	int fd, p[2];

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe2(p, O_NONBLOCK));
	move_begin();
	move_here();
	EXPECT_EQ(5, syscall(SYS_pwrite64, fd, "01234", 5, 10));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(7, pwritev(fd, out, 2, 15));
	EXPECT_EQ(7, preadv(fd, in, 2, 15));
	EXPECT_STREQ("abc", a);
	EXPECT_STREQ("defg", b);
	EXPECT_EQ(3, syscall(SYS_pread64, fd, a, 3, 11));
	EXPECT_STREQ("123", a);
	/* at the end, whatever the position says */
	EXPECT_EQ(7, pwritev2(fd, out, 2, 0, RWF_APPEND));
	EXPECT_EQ(29, lseek(fd, 0, SEEK_END));
	EXPECT_EQ(7, preadv2(fd, in, 2, 22, 0));
	EXPECT_STREQ("defg", b);
	/* -1 is the file's own position */
	EXPECT_EQ(22, lseek(fd, 22, SEEK_SET));
	memset(b, 0, sizeof(b));
	EXPECT_EQ(7, preadv2(fd, in, 2, -1, 0));
	EXPECT_STREQ("defg", b);
	EXPECT_EQ(29, lseek(fd, 0, SEEK_CUR));
	move_here();
	EXPECT_EQ(-1, pread(p[0], a, 3, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, preadv2(p[0], in, 2, -1, RWF_NOWAIT));
	EXPECT_TRUE(errno == EAGAIN || errno == EOPNOTSUPP);
	EXPECT_EQ(-1, pread(fd, a, 3, -5));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, preadv2(fd, in, 2, 0, 0x4000));
	EXPECT_EQ(EOPNOTSUPP, errno);
	close(fd);
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(0, unlink("file"));
}
