// SPDX-License-Identifier: GPL-2.0
/* openat2(): its structure, of several sizes, and how it resolves. */
#include "../move.h"
#include <linux/openat2.h>
#include <sys/stat.h>

MOVE_TEST(file_openat2)
{
	struct open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600,
				.resolve = RESOLVE_BENEATH };
	struct {
		struct open_how how;
		uint64_t more[2];
	} large = { .how = { .flags = O_RDONLY } };
	int dir, fd;

	ASSERT_EQ(0, mkdir("under", 0700));
	dir = open("under", O_PATH | O_DIRECTORY);
	ASSERT_LE(0, dir);
	move_begin();
	move_here();
	fd = syscall(SYS_openat2, dir, "file", &how, sizeof(how));
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, write(fd, "ok", 2));
	close(fd);
	EXPECT_EQ(-1, syscall(SYS_openat2, dir, "../under/file", &how, sizeof(how)));
	EXPECT_EQ(EXDEV, errno);
	EXPECT_EQ(-1, syscall(SYS_openat2, dir, "file", &how, 8));
	EXPECT_EQ(EINVAL, errno);
	/* a later, larger structure is one of today if what is new is zero */
	fd = syscall(SYS_openat2, dir, "file", &large, sizeof(large));
	EXPECT_LE(0, fd);
	close(fd);
	move_here();
	large.more[1] = 1;
	EXPECT_EQ(-1, syscall(SYS_openat2, dir, "file", &large, sizeof(large)));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_EQ(-1, syscall(SYS_openat2, dir, "file", NULL, sizeof(how)));
	EXPECT_EQ(EFAULT, errno);
	close(dir);
	EXPECT_EQ(0, unlink("under/file"));
	EXPECT_EQ(0, rmdir("under"));
}
