// SPDX-License-Identifier: GPL-2.0
/* The calls that the C library does not make any more, as old programs make them: files. */
#include "../move.h"
#include <sys/stat.h>

/* What the kernel fills in is larger than this in no case. */
static struct stat st, st2;

MOVE_TEST(call_old_files)
{
	char text[32] = "";
	int fd;

	move_begin();
	move_here();
	fd = syscall(SYS_creat, "old", 0640);
	ASSERT_LE(0, fd);
	EXPECT_EQ(5, write(fd, "hello", 5));
	EXPECT_EQ(0, syscall(SYS_fstat, fd, &st));
	EXPECT_EQ(5, st.st_size);
	EXPECT_EQ(0, syscall(SYS_fchown, fd, getuid(), getgid()));
	close(fd);
	EXPECT_EQ(0, syscall(SYS_stat, "old", &st2));
	EXPECT_EQ(st.st_ino, st2.st_ino);
	EXPECT_EQ(0, syscall(SYS_mkdir, "dir", 0700));
	EXPECT_EQ(0, syscall(SYS_link, "old", "dir/hard"));
	EXPECT_EQ(0, syscall(SYS_symlink, "hard", "dir/soft"));
	move_here();
	EXPECT_EQ(4, syscall(SYS_readlink, "dir/soft", text, sizeof(text)));
	EXPECT_STREQ("hard", text);
	EXPECT_EQ(0, syscall(SYS_lstat, "dir/soft", &st2));
	EXPECT_TRUE(S_ISLNK(st2.st_mode));
	EXPECT_EQ(0, syscall(SYS_lchown, "dir/soft", getuid(), getgid()));
	EXPECT_EQ(0, syscall(SYS_chown, "dir/hard", getuid(), getgid()));
	EXPECT_EQ(0, syscall(SYS_chmod, "dir/hard", 0600));
	EXPECT_EQ(0, syscall(SYS_access, "dir/soft", R_OK | W_OK));
	EXPECT_EQ(0, syscall(SYS_rename, "dir/hard", "dir/hard2"));
	EXPECT_EQ(-1, syscall(SYS_access, "dir/soft", F_OK));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, syscall(SYS_truncate, "old", 2));
	fd = syscall(SYS_open, "dir/hard2", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, read(fd, text, sizeof(text)));
	close(fd);
	EXPECT_EQ(0, syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0));
	EXPECT_EQ(0, syscall(SYS_stat, "fifo", &st));
	EXPECT_TRUE(S_ISFIFO(st.st_mode));
	EXPECT_EQ(0, syscall(SYS_unlink, "fifo"));
	EXPECT_EQ(0, syscall(SYS_unlink, "dir/soft"));
	EXPECT_EQ(0, syscall(SYS_unlink, "dir/hard2"));
	EXPECT_EQ(0, syscall(SYS_unlink, "old"));
	EXPECT_EQ(0, syscall(SYS_rmdir, "dir"));
}
