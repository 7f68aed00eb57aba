// SPDX-License-Identifier: GPL-2.0
/* Files relative to a directory that is held open: all the ...at() calls. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(file_at)
{
	struct timespec times[2] = { { 1000000000, 1 }, { 1000000000, 2 } };
	char text[32] = "";
	struct stat st;
	int dir, fd;

	ASSERT_EQ(0, mkdir("at", 0700));
	dir = open("at", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, dir);
	move_begin();
	move_here();
	EXPECT_EQ(0, mkdirat(dir, "sub", 0700));
	fd = openat(dir, "sub/file", O_RDWR | O_CREAT | O_EXCL, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(4, write(fd, "data", 4));
	close(fd);
	EXPECT_EQ(0, linkat(dir, "sub/file", dir, "hard", 0));
	EXPECT_EQ(0, symlinkat("hard", dir, "soft"));
	EXPECT_EQ(4, readlinkat(dir, "soft", text, sizeof(text)));
	EXPECT_STREQ("hard", text);
	EXPECT_EQ(0, fstatat(dir, "soft", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT_TRUE(S_ISLNK(st.st_mode));
	EXPECT_EQ(0, fstatat(dir, "soft", &st, 0));
	EXPECT_EQ(2, st.st_nlink);
	EXPECT_EQ(0, fchmodat(dir, "hard", 0640, 0));
	EXPECT_EQ(0, fchownat(dir, "soft", getuid(), getgid(), AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(0, utimensat(dir, "hard", times, 0));
	EXPECT_EQ(0, mknodat(dir, "fifo", S_IFIFO | 0600, 0));
	move_here();
	EXPECT_EQ(0, syscall(SYS_faccessat, dir, "hard", R_OK));
	EXPECT_EQ(0, syscall(SYS_faccessat2, dir, "soft", F_OK, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(-1, faccessat(dir, "none", F_OK, 0));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, renameat(dir, "hard", dir, "moved"));
	EXPECT_EQ(-1, renameat2(dir, "moved", dir, "soft", RENAME_NOREPLACE));
	EXPECT_EQ(EEXIST, errno);
	EXPECT_EQ(0, renameat2(dir, "moved", dir, "soft", RENAME_EXCHANGE));
	EXPECT_EQ(0, fstatat(dir, "soft", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT_TRUE(S_ISREG(st.st_mode));
	EXPECT_EQ(1000000000, st.st_mtime);
	EXPECT_EQ(0, unlinkat(dir, "soft", 0));
	EXPECT_EQ(0, unlinkat(dir, "moved", 0));
	EXPECT_EQ(0, unlinkat(dir, "fifo", 0));
	EXPECT_EQ(0, unlinkat(dir, "sub/file", 0));
	EXPECT_EQ(0, unlinkat(dir, "sub", AT_REMOVEDIR));
	close(dir);
	EXPECT_EQ(0, rmdir("at"));
}
