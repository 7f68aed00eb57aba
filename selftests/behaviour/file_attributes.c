// SPDX-License-Identifier: GPL-2.0
/* chmod, utimensat, umask, extended attributes. */
#include "../move.h"
#include <sys/stat.h>
#include <sys/xattr.h>

MOVE_TEST(file_attributes)
{
	struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 6 } };
	char value[32], list[64];
	struct stat st;
	mode_t old;
	int fd;

	old = umask(0027);
	move_begin();
	move_here();
	EXPECT_EQ(0027, umask(0022));
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0666);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0644, st.st_mode & 07777);
	EXPECT_EQ(0, chmod("file", 0604));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(0604, st.st_mode & 07777);
	EXPECT_EQ(0, fchmod(fd, 0601));
	EXPECT_EQ(0, utimensat(AT_FDCWD, "file", times, 0));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(0601, st.st_mode & 07777);
	EXPECT_EQ(1000000000, st.st_atim.tv_sec);
	EXPECT_EQ(1100000000, st.st_mtim.tv_sec);
	move_here();
	if (!fsetxattr(fd, "trusted.procmig", "some value", 10, 0)) {
		EXPECT_EQ(10, getxattr("file", "trusted.procmig", NULL, 0));
		EXPECT_EQ(10, fgetxattr(fd, "trusted.procmig", value, sizeof(value)));
		EXPECT_EQ(0, memcmp(value, "some value", 10));
		EXPECT_EQ(-1, fgetxattr(fd, "trusted.procmig", value, 3));
		EXPECT_EQ(ERANGE, errno);
		EXPECT_LE(16, listxattr("file", list, sizeof(list)));
		EXPECT_EQ(0, removexattr("file", "trusted.procmig"));
		EXPECT_EQ(-1, getxattr("file", "trusted.procmig", value, sizeof(value)));
		EXPECT_EQ(ENODATA, errno);
	} else {
		EXPECT_TRUE(errno == EPERM || errno == EOPNOTSUPP);
	}
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
	umask(old);
}
