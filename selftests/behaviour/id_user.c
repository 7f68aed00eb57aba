// SPDX-License-Identifier: GPL-2.0
/* Another user: ids are kept, file permissions are checked for them, root is not back. */
#include "../move.h"
#include <grp.h>
#include <sys/stat.h>

#define UID	1000
#define GID	1001

static int child(struct __test_metadata *_metadata)
{
	gid_t groups[3] = { 1001, 2002, 3003 }, got[8] = { 0 };
	uid_t r, e, s;

	if (setgroups(3, groups) || setresgid(GID, GID, GID) || setresuid(UID, UID, UID))
		return 1;
	/* Owned by root now, and not dumpable: the owner's mover is root. */
	move_begin();
	move_here();
	if (getuid() != UID || geteuid() != UID || getgid() != GID || getegid() != GID)
		return 2;
	if (getresuid(&r, &e, &s) || r != UID || e != UID || s != UID)
		return 3;
	if (getgroups(8, got) != 3 || memcmp(got, groups, sizeof(groups)))
		return 4;
	if (open("secret", O_RDONLY) != -1 || errno != EACCES)
		return 5;
	if (open("/etc/shadow", O_RDONLY) != -1 || errno != EACCES)
		return 6;
	if (setuid(0) != -1 || errno != EPERM)
		return 7;
	if (open("mine", O_WRONLY | O_CREAT | O_EXCL, 0600) < 0)
		return 8;
	if (chown("mine", 0, 0) != -1 || errno != EPERM)
		return 9;
	if (kill(getppid(), 0) != -1 || errno != EPERM)
		return 10;
	return 0;
}

MOVE_TEST(id_user)
{
	struct stat st;
	pid_t pid;
	int fd;

	if (getuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, chmod(".", 0777));
	fd = open("secret", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, stat("mine", &st));
	EXPECT_EQ(UID, st.st_uid);
	EXPECT_EQ(GID, st.st_gid);
	EXPECT_EQ(0, unlink("mine"));
	EXPECT_EQ(0, unlink("secret"));
}
