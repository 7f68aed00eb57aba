// SPDX-License-Identifier: GPL-2.0
/* Names of the greatest length, and longer ones; a path as deep as a path can be. */
#include "../move.h"
#include <limits.h>
#include <sys/stat.h>

MOVE_TEST(file_long_names)
{
	char name[NAME_MAX + 2], path[PATH_MAX + 1], cwd[PATH_MAX];
	int i, depth;

	memset(name, 'n', NAME_MAX + 1);
	name[NAME_MAX + 1] = 0;
	move_begin();
	move_here();
	EXPECT_EQ(-1, mkdir(name, 0700));
	EXPECT_EQ(ENAMETOOLONG, errno);
	name[NAME_MAX] = 0;
	EXPECT_EQ(0, mkdir(name, 0700));
	EXPECT_EQ(0, rmdir(name));
	/* "./././..." of PATH_MAX - 1 bytes is fine, one more byte is not */
	for (i = 0; i < PATH_MAX; i++)
		path[i] = i % 2 ? '/' : '.';
	path[PATH_MAX - 1] = 0;
	EXPECT_EQ(0, access(path, F_OK));
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = 0;
	EXPECT_EQ(-1, access(path, F_OK));
	EXPECT_EQ(ENAMETOOLONG, errno);
	/* deeper than any path can name */
	name[200] = 0;
	for (depth = 0; depth < 25; depth++) {
		ASSERT_EQ(0, mkdir(name, 0700));
		ASSERT_EQ(0, chdir(name));
		if (depth == 10)
			move_here();
	}
	EXPECT_EQ(-1, syscall(SYS_getcwd, cwd, sizeof(cwd)));
	EXPECT_EQ(ENAMETOOLONG, errno);
	for (; depth; depth--) {
		ASSERT_EQ(0, chdir(".."));
		ASSERT_EQ(0, rmdir(name));
	}
	EXPECT_NE(NULL, getcwd(cwd, sizeof(cwd)));
}
