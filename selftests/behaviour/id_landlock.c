// SPDX-License-Identifier: GPL-2.0
/* A program that locks itself up stays so: what it may not open at home it may not open away. */
#include "../move.h"
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static int child(struct __test_metadata *_metadata)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
	};
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
	};
	int rules, fd;

	move_begin();
	move_here();
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
		return 1;
	rules = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	beneath.parent_fd = open("open", O_PATH);
	if (rules < 0 || beneath.parent_fd < 0)
		return 2;
	move_here();
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
		return 3;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, rules, 0))
		return 4;
	move_here();
	fd = open("open/file", O_RDONLY);
	if (fd < 0)
		return 5;
	if (open("open/file", O_WRONLY) != -1 || errno != EACCES)
		return 6;
	if (open("/etc/passwd", O_RDONLY) != -1 || errno != EACCES)
		return 7;
	return 0;
}

MOVE_TEST(id_landlock)
{
	pid_t pid;
	int fd;

	ASSERT_EQ(0, mkdir("open", 0700));
	fd = open("open/file", O_CREAT | O_WRONLY, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, unlink("open/file"));
	EXPECT_EQ(0, rmdir("open"));
}
