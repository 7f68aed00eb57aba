// SPDX-License-Identifier: GPL-2.0
/* rename, link, symlink, readlink, mkdir, rmdir, unlink, access, and their errors. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(file_names)
{
	char target[64];
	int fd;

	fd = open("one", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(fd));
	move_begin();
	move_here();
	EXPECT_EQ(0, rename("one", "two"));
	EXPECT_EQ(-1, access("one", F_OK));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, link("two", "three"));
	EXPECT_EQ(0, symlink("two", "link"));
	memset(target, 'x', sizeof(target));
	EXPECT_EQ(3, readlink("link", target, sizeof(target)));
	EXPECT_EQ(0, memcmp(target, "twox", 4));
	EXPECT_EQ(0, mkdir("dir", 0700));
	EXPECT_EQ(-1, mkdir("dir", 0700));
	EXPECT_EQ(EEXIST, errno);
	EXPECT_EQ(0, rename("three", "dir/three"));
	move_here();
	EXPECT_EQ(-1, rmdir("dir"));
	EXPECT_EQ(ENOTEMPTY, errno);
	EXPECT_EQ(0, unlink("dir/three"));
	EXPECT_EQ(0, rmdir("dir"));
	EXPECT_EQ(-1, open("two/x", O_RDONLY));
	EXPECT_EQ(ENOTDIR, errno);
	EXPECT_EQ(-1, open(".", O_WRONLY));
	EXPECT_EQ(EISDIR, errno);
	EXPECT_EQ(0, unlink("link"));
	EXPECT_EQ(0, unlink("two"));
	EXPECT_EQ(-1, unlink("two"));
	EXPECT_EQ(ENOENT, errno);
}
