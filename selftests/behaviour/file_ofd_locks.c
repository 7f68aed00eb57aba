// SPDX-License-Identifier: GPL-2.0
/* Locks that belong to the open file: two openings exclude each other, a dup() does not. */
#include "../move.h"
#include <sys/file.h>

static struct flock whole(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10 };
}

MOVE_TEST(file_ofd_locks)
{
	struct flock fl;
	int a, b, c;

	a = open("file", O_RDWR | O_CREAT, 0600);
	b = open("file", O_RDWR);
	c = dup(a);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_LE(0, c);
	fl = whole(F_WRLCK);
	ASSERT_EQ(0, fcntl(a, F_OFD_SETLK, &fl));
	move_begin();
	move_here();
	fl = whole(F_RDLCK);
	EXPECT_EQ(-1, fcntl(b, F_OFD_SETLK, &fl));
	EXPECT_EQ(EAGAIN, errno);
	fl = whole(F_RDLCK);
	EXPECT_EQ(0, fcntl(b, F_OFD_GETLK, &fl));
	EXPECT_EQ(F_WRLCK, fl.l_type);
	EXPECT_EQ(5, fl.l_start);
	EXPECT_EQ(10, fl.l_len);
	EXPECT_EQ(-1, fl.l_pid);
	fl = whole(F_RDLCK);
	EXPECT_EQ(0, fcntl(c, F_OFD_SETLKW, &fl));
	fl = whole(F_RDLCK);
	EXPECT_EQ(0, fcntl(b, F_OFD_SETLK, &fl));
	move_here();
	fl = whole(F_WRLCK);
	EXPECT_EQ(-1, fcntl(a, F_OFD_SETLK, &fl));
	/* it goes with the last of the descriptors */
	close(a);
	fl = whole(F_WRLCK);
	EXPECT_EQ(-1, fcntl(b, F_OFD_SETLK, &fl));
	close(c);
	fl = whole(F_WRLCK);
	EXPECT_EQ(0, fcntl(b, F_OFD_SETLK, &fl));
	a = open("file", O_RDWR);
	EXPECT_EQ(0, flock(b, LOCK_SH));
	EXPECT_EQ(0, flock(a, LOCK_SH));
	EXPECT_EQ(-1, flock(a, LOCK_EX | LOCK_NB));
	EXPECT_EQ(EWOULDBLOCK, errno);
	close(b);
	EXPECT_EQ(0, flock(a, LOCK_EX | LOCK_NB));
	close(a);
	EXPECT_EQ(0, unlink("file"));
}
