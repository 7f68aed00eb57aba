// SPDX-License-Identifier: GPL-2.0
/* statx(), statfs() and ustat() tell the same of a file wherever the program runs. */
#include "../move.h"
#include <sys/stat.h>
#include <sys/vfs.h>

MOVE_TEST(file_statx)
{
	struct statx before, after;
	struct statfs fs, ffs;
	char ustat[32];
	struct stat st;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0604);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &before));
	move_begin();
	move_here();
	memset(&after, 0, sizeof(after));
	EXPECT_EQ(0, statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &after));
	EXPECT_EQ(before.stx_ino, after.stx_ino);
	EXPECT_EQ(before.stx_mode, after.stx_mode);
	EXPECT_EQ(before.stx_dev_minor, after.stx_dev_minor);
	EXPECT_EQ(0, memcmp(&before.stx_mtime, &after.stx_mtime, sizeof(before.stx_mtime)));
	EXPECT_EQ(3, after.stx_size);
	EXPECT_EQ(0, statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &after));
	EXPECT_EQ(-1, statx(fd, "", 0, STATX_SIZE, &after));
	EXPECT_EQ(ENOENT, errno);
	move_here();
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(st.st_ino, before.stx_ino);
	EXPECT_EQ(0, statfs("file", &fs));
	EXPECT_EQ(0, fstatfs(fd, &ffs));
	EXPECT_EQ(fs.f_type, ffs.f_type);
	EXPECT_EQ(0, memcmp(&fs.f_fsid, &ffs.f_fsid, sizeof(fs.f_fsid)));
	EXPECT_EQ(0, syscall(SYS_ustat, st.st_dev, ustat));
	EXPECT_EQ(-1, syscall(SYS_ustat, -1, ustat));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
