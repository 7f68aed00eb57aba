// SPDX-License-Identifier: GPL-2.0
/* readv, writev, preadv, pwritev, with empty and many pieces. */
#include "../move.h"
#include <limits.h>
#include <sys/uio.h>

MOVE_TEST(file_vectors)
{
	char a[5], b[100], c[3], big[IOV_MAX];
	struct iovec iov[4] = { { "one ", 4 }, { NULL, 0 }, { "two ", 4 }, { "three", 5 } };
	struct iovec in[3] = { { a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) } };
	struct iovec many[IOV_MAX];
	volatile int too_many = IOV_MAX + 1, negative = -1;
	int fd, i;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	EXPECT_EQ(13, writev(fd, iov, 4));
	memset(b, '-', sizeof(b));
	EXPECT_EQ(13, preadv(fd, in, 3, 0));
	EXPECT_EQ(0, memcmp(a, "one t", 5));
	EXPECT_EQ(0, memcmp(b, "wo three-", 9));
	EXPECT_EQ(8, pwritev(fd, iov, 3, 5));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(13, readv(fd, in, 3));
	EXPECT_EQ(0, memcmp(b, "one two ", 8));
	for (i = 0; i < IOV_MAX; i++) {
		big[i] = i;
		many[i] = (struct iovec){ big + i, 1 };
	}
	EXPECT_EQ(IOV_MAX, pwritev(fd, many, IOV_MAX, 0));
	memset(big, 0, sizeof(big));
	EXPECT_EQ(IOV_MAX, preadv(fd, many, IOV_MAX, 0));
	for (i = 0; i < IOV_MAX; i++)
		ASSERT_EQ((char)i, big[i]);
	EXPECT_EQ(-1, readv(fd, many, too_many));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, readv(fd, in, negative));
	EXPECT_EQ(EINVAL, errno);
	in[1].iov_len = -1;
	EXPECT_EQ(-1, readv(fd, in, 3));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
}
