// SPDX-License-Identifier: GPL-2.0
/* fork(), vfork() and execveat() as the kernel has them, without the C library's help. */
#include "../move.h"
#include <sys/wait.h>

MOVE_TEST(call_old_processes)
{
	char *argv[] = { "true", NULL }, *envp[] = { NULL };
	struct timespec ts = { 0, 1000000 };
	int fd, status;
	pid_t pid;

	fd = open("/bin/true", O_PATH | O_CLOEXEC);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	pid = syscall(SYS_fork);
	ASSERT_LE(0, pid);
	if (!pid)
		syscall(SYS_exit_group, 7);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(7, WEXITSTATUS(status));
	move_here();
	pid = vfork();
	ASSERT_LE(0, pid);
	if (!pid) {
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(9);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(-1, syscall(SYS_execveat, fd, "none", argv, envp, 0));
	EXPECT_EQ(ENOTDIR, errno);
	EXPECT_EQ(0, syscall(SYS_nanosleep, &ts, NULL));
	close(fd);
}
