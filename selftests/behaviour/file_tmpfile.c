// SPDX-License-Identifier: GPL-2.0
/* O_TMPFILE: a file without a name is written to, moves along, and gets a name at last. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(file_tmpfile)
{
	char path[64], text[16] = "";
	struct stat st;
	int fd;

	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(6, write(fd, "before", 6));
	move_begin();
	move_here();
	EXPECT_EQ(5, pwrite(fd, " here", 5, 6));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0, st.st_nlink);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(0, linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	close(fd);
	move_here();
	fd = open("named", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(11, read(fd, text, sizeof(text)));
	EXPECT_STREQ("before here", text);
	close(fd);
	EXPECT_EQ(0, unlink("named"));
}
