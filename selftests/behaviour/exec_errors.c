// SPDX-License-Identifier: GPL-2.0
/* An exec that fails says why, and the program goes on as if it had not asked. */
#include "../exec.h"
#include <limits.h>
#include <sys/stat.h>

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return strcmp(stage, "end");
}

static int try(const char *path)
{
	char *argv[] = { "x", NULL };

	errno = 0;
	execve(path, argv, argv + 1);
	return errno;
}

static int try_at(int dir, const char *path, int flags)
{
	char *argv[] = { "x", NULL };

	errno = 0;
	syscall(SYS_execveat, dir, path, argv, argv + 1, flags);
	return errno;
}

static void make(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || fchmod(fd, mode))
		abort();
	close(fd);
}

static int child(struct __test_metadata *_metadata)
{
	static char name[PATH_MAX + 10];
	unsigned char elf[64] = "\177ELF\2\1\1";
	int fd;

	make("plain", "echo hello\n", 11, 0644);
	make("garbage", "\0\1\2garbage", 10, 0755);
	make("lost", "#!/nonexistent/interpreter\n", 27, 0755);
	elf[16] = 2;
	elf[18] = 183;	/* a program for AArch64 */
	make("foreign", elf, sizeof(elf), 0755);
	make("empty", "", 0, 0755);
	make("busy", "#!/bin/sh\n", 10, 0755);
	if (symlink("loop", "loop") && errno != EEXIST)
		abort();
	memset(name, 'n', sizeof(name) - 1);
	move_begin();
	move_here();
	CHECK(try("/nonexistent") == ENOENT);
	CHECK(try("") == ENOENT);
	CHECK(try("plain") == EACCES);
	CHECK(try("garbage") == ENOEXEC);
	CHECK(try("foreign") == ENOEXEC);
	CHECK(try("empty") == ENOEXEC);
	CHECK(try("lost") == ENOENT);
	CHECK(try("plain/x") == ENOTDIR);
	CHECK(try("/") == EACCES);
	CHECK(try("loop") == ELOOP);
	CHECK(try(name) == ENAMETOOLONG);
	name[300] = 0;
	CHECK(try(name) == ENAMETOOLONG);
	fd = open("busy", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(try("busy") == ETXTBSY);
	close(fd);
	CHECK(try_at(-1, "plain", 0) == EBADF);
	CHECK(try_at(AT_FDCWD, "/nonexistent", 0) == ENOENT);
	CHECK(try_at(AT_FDCWD, "loop", AT_SYMLINK_NOFOLLOW) == ELOOP);
	CHECK(try_at(AT_FDCWD, "", 0) == ENOENT);
	CHECK(try_at(AT_FDCWD, "/bin/true", 0x4000) == EINVAL);
	fd = open("plain", O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(try_at(fd, "", AT_EMPTY_PATH) == EACCES);
	close(fd);
	return exec_self("end");
}

MOVE_TEST(exec_errors)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, exec_verdict(pid));
}
