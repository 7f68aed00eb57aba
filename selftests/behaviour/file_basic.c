// SPDX-License-Identifier: GPL-2.0
/* open, read, write, lseek, pread, pwrite, O_APPEND, ftruncate, fsync. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(file_basic)
{
	struct stat st;
	char text[32];
	int fd, app;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	ASSERT_LE(0, fd);
	ASSERT_EQ(6, write(fd, "before", 6));
	move_begin();
	move_here();
	EXPECT_EQ(6, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(6, write(fd, " after", 6));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(12, read(fd, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "before after", 12));
	EXPECT_EQ(0, read(fd, text, sizeof(text)));
	EXPECT_EQ(3, pwrite(fd, "AFT", 3, 7));
	EXPECT_EQ(5, pread(fd, text, 5, 7));
	EXPECT_EQ(0, memcmp(text, "AFTer", 5));
	EXPECT_EQ(12, lseek(fd, 0, SEEK_CUR));
	app = open("file", O_WRONLY | O_APPEND);
	ASSERT_LE(0, app);
	EXPECT_EQ(0, lseek(app, 0, SEEK_SET));
	EXPECT_EQ(1, write(app, "!", 1));
	EXPECT_EQ(13, lseek(app, 0, SEEK_CUR));
	move_here();
	EXPECT_EQ(13, lseek(fd, 0, SEEK_END));
	EXPECT_EQ(0, ftruncate(fd, 5));
	EXPECT_EQ(0, fsync(fd));
	EXPECT_EQ(0, fdatasync(fd));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(5, st.st_size);
	EXPECT_EQ(0, truncate("file", 100));
	EXPECT_EQ(100, lseek(fd, 0, SEEK_END));
	EXPECT_EQ(0, close(app));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
}
