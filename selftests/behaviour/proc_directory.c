// SPDX-License-Identifier: GPL-2.0
/* The working directory and its descriptors: chdir, fchdir, getcwd, openat. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(proc_directory)
{
	char start[256], now[256], want[300];
	int here, dir, fd;

	ASSERT_NE(NULL, getcwd(start, sizeof(start)));
	here = open(".", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, here);
	ASSERT_EQ(0, mkdir("sub", 0700));
	move_begin();
	move_here();
	ASSERT_NE(NULL, getcwd(now, sizeof(now)));
	EXPECT_STREQ(start, now);
	EXPECT_EQ(0, chdir("sub"));
	snprintf(want, sizeof(want), "%s/sub", start);
	ASSERT_NE(NULL, getcwd(now, sizeof(now)));
	EXPECT_STREQ(want, now);
	move_here();
	fd = open("inside", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, fchdir(here));
	EXPECT_EQ(0, access("sub/inside", W_OK));
	dir = openat(here, "sub", O_PATH);
	ASSERT_LE(0, dir);
	EXPECT_EQ(0, faccessat(dir, "inside", F_OK, 0));
	EXPECT_EQ(0, unlinkat(dir, "inside", 0));
	EXPECT_EQ(NULL, getcwd(now, 3));
	EXPECT_EQ(ERANGE, errno);
	close(dir);
	close(here);
	EXPECT_EQ(0, rmdir("sub"));
}
