// SPDX-License-Identifier: GPL-2.0
/* Extended attributes, all twelve calls, of a file, a descriptor and a link itself. */
#include "../move.h"
#include <sys/xattr.h>

static int names(const char *list, ssize_t len, const char *name)
{
	ssize_t at;

	for (at = 0; at < len; at += strlen(list + at) + 1)
		if (!strcmp(list + at, name))
			return 1;
	return 0;
}

MOVE_TEST(file_xattr)
{
	char value[64], list[256];
	ssize_t len;
	int fd;

	fd = open("file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, symlink("file", "link"));
	move_begin();
	move_here();
	ASSERT_EQ(0, setxattr("file", "trusted.one", "first", 5, XATTR_CREATE));
	EXPECT_EQ(-1, setxattr("file", "trusted.one", "again", 5, XATTR_CREATE));
	EXPECT_EQ(EEXIST, errno);
	EXPECT_EQ(0, fsetxattr(fd, "trusted.two", "second value", 12, 0));
	EXPECT_EQ(0, lsetxattr("link", "trusted.link", "", 0, 0));
	EXPECT_EQ(5, getxattr("link", "trusted.one", value, sizeof(value)));
	EXPECT_EQ(0, memcmp(value, "first", 5));
	EXPECT_EQ(12, fgetxattr(fd, "trusted.two", value, sizeof(value)));
	EXPECT_EQ(0, lgetxattr("link", "trusted.link", value, sizeof(value)));
	EXPECT_EQ(-1, lgetxattr("link", "trusted.one", value, sizeof(value)));
	EXPECT_EQ(ENODATA, errno);
	EXPECT_EQ(-1, getxattr("file", "trusted.two", value, 4));
	EXPECT_EQ(ERANGE, errno);
	move_here();
	len = listxattr("link", list, sizeof(list));
	EXPECT_TRUE(names(list, len, "trusted.one") && names(list, len, "trusted.two"));
	EXPECT_EQ(len, flistxattr(fd, NULL, 0));
	len = llistxattr("link", list, sizeof(list));
	EXPECT_TRUE(names(list, len, "trusted.link") && !names(list, len, "trusted.one"));
	EXPECT_EQ(0, removexattr("file", "trusted.one"));
	EXPECT_EQ(0, fremovexattr(fd, "trusted.two"));
	EXPECT_EQ(0, lremovexattr("link", "trusted.link"));
	EXPECT_EQ(-1, fremovexattr(fd, "trusted.two"));
	EXPECT_EQ(ENODATA, errno);
	close(fd);
	EXPECT_EQ(0, unlink("link"));
	EXPECT_EQ(0, unlink("file"));
}
