// SPDX-License-Identifier: GPL-2.0
/* setresuid() called while away takes effect for the calls that follow. */
#include "../move.h"
#include <sys/stat.h>

static int child(struct __test_metadata *_metadata)
{
	move_begin();
	move_here();
	if (open("secret", O_RDONLY) < 0)
		return 1;
	if (setresgid(2000, 2000, 2000) || setresuid(2000, 2000, 2000))
		return 2;
	if (getuid() != 2000 || getegid() != 2000)
		return 3;
	if (open("secret", O_RDONLY) != -1 || errno != EACCES)
		return 4;
	if (seteuid(0) != -1 || errno != EPERM)
		return 5;
	return 0;
}

MOVE_TEST(id_change_user)
{
	pid_t pid;
	int fd;

	if (getuid())
		SKIP(return, "needs root");
	fd = open("secret", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, unlink("secret"));
}
