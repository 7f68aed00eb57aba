// SPDX-License-Identifier: GPL-2.0
/* The stat family: size, mode, times, device, of files, links and descriptors. */
#include "../move.h"
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

MOVE_TEST(file_stat)
{
	struct stat before, st;
	struct statfs fs;
	struct statx stx;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1234, pwrite(fd, (char[1234]){ 1 }, 1234, 0));
	ASSERT_EQ(0, symlink("file", "link"));
	ASSERT_EQ(0, fstat(fd, &before));
	move_begin();
	move_here();
	memset(&st, 0, sizeof(st));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0, memcmp(&st, &before, sizeof(st)));
	EXPECT_EQ(0, stat("link", &st));
	EXPECT_EQ(before.st_ino, st.st_ino);
	EXPECT_EQ(0, lstat("link", &st));
	EXPECT_TRUE(S_ISLNK(st.st_mode));
	EXPECT_EQ(4, st.st_size);
	EXPECT_EQ(0, statx(AT_FDCWD, "file", 0, STATX_ALL, &stx));
	EXPECT_EQ(1234, stx.stx_size);
	EXPECT_EQ(before.st_ino, stx.stx_ino);
	EXPECT_EQ(0, fstatfs(fd, &fs));
	EXPECT_LT(0, fs.f_bsize);
	EXPECT_EQ(0, statfs("/proc", &fs));
	EXPECT_EQ(0x9fa0, fs.f_type);
	EXPECT_EQ(0, stat("/dev/null", &st));
	EXPECT_EQ(makedev(1, 3), st.st_rdev);
	EXPECT_EQ(-1, stat("missing", &st));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("link"));
	EXPECT_EQ(0, unlink("file"));
}
