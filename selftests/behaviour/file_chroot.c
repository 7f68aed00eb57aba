// SPDX-License-Identifier: GPL-2.0
/* After chroot() names begin elsewhere, those of forwarded calls too. */
#include "../move.h"
#include <sys/stat.h>

static int child(struct __test_metadata *_metadata)
{
	char cwd[64];
	int fd;

	move_begin();
	move_here();
	if (chroot("jail") || chdir("/"))
		return 1;
	if (!getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/"))
		return 2;
	fd = open("/../../made", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		return 3;
	move_here();
	if (access("/made", F_OK) || access("/etc/passwd", F_OK) != -1 || errno != ENOENT)
		return 4;
	return 0;
}

MOVE_TEST(file_chroot)
{
	pid_t pid;

	ASSERT_EQ(0, mkdir("jail", 0700));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, access("jail/made", F_OK));
	EXPECT_EQ(0, unlink("jail/made"));
	EXPECT_EQ(0, rmdir("jail"));
}
