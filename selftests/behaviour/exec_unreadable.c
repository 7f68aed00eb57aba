// SPDX-License-Identifier: GPL-2.0
/* A program that its user may run and not read, run by one who is away. */
#include "../move.h"
#include <sys/sendfile.h>
#include <sys/stat.h>

/* The file is the user's only to run. */
static void copy(struct __test_metadata *_metadata, const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	struct stat st;

	ASSERT_LE(0, in);
	ASSERT_LE(0, out);
	ASSERT_EQ(0, fstat(in, &st));
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	EXPECT_EQ(st.st_size, lseek(out, 0, SEEK_CUR));
	EXPECT_EQ(0, fchmod(out, 0711));
	close(in);
	close(out);
}

static int run(const char *path)
{
	char *argv[] = { "test", "a", "=", "a", NULL };
	pid_t pid = fork();

	if (!pid) {
		execv(path, argv);
		_exit(1);
	}
	return wait_for(pid);
}

/* As a user: its children run it, and then it does so itself. */
static void user(struct __test_metadata *_metadata, const char *path)
{
	char *argv[] = { "test", "a", "=", "b", NULL };

	if (setgid(65534) || setuid(65534))
		_exit(11);
	move_begin();
	move_here();
	if (open(path, O_RDONLY) != -1 || errno != EACCES)
		_exit(12);
	if (run(path))
		_exit(13);
	move_here();
	if (run(path))
		_exit(14);
	move_end();
	execv(path, argv);
	_exit(15);
}

MOVE_TEST(exec_unreadable)
{
	char path[] = "/tmp/procmig-unreadable.XXXXXX", program[64];
	pid_t pid;

	ASSERT_NE(NULL, mkdtemp(path));
	ASSERT_EQ(0, chmod(path, 0755));
	snprintf(program, sizeof(program), "%s/test", path);
	copy(_metadata, "/usr/bin/test", program);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		user(_metadata, program);
	/* the last one finds that a is not b */
	EXPECT_EQ(1 << 8, wait_for(pid));
	EXPECT_EQ(0, unlink(program));
	EXPECT_EQ(0, rmdir(path));
}
