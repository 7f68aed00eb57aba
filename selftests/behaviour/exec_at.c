// SPDX-License-Identifier: GPL-2.0
/* execveat() by a directory, and by a descriptor of the program itself; scripts by either. */
#include "../exec.h"
#include <sys/stat.h>

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)stage;
	CHECK(argc == 2 && !strcmp(argv[1], "y"));
	return 5;
}

static void script(void)
{
	static const char text[] = "#!/bin/sh -u\n[ \"$1 $2\" = \"y z\" ] && exit 6\n";
	int fd = open("script", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static void run(int what)
{
	char *argv[] = { "x", "y", what < 2 ? NULL : "z", NULL };
	char *envp[] = { "EXEC_STAGE=at", NULL };
	int fd;

	move_here();
	switch (what) {
	case 0:
		fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
		syscall(SYS_execveat, fd, "exe", argv, envp, 0);
		break;
	case 1:
		fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		break;
	case 2:
		execve("./script", argv, envp + 1);
		break;
	case 3:
		/* the interpreter has to open it */
		fd = open("script", O_PATH | O_CLOEXEC);
		if (syscall(SYS_execveat, fd, "", argv, envp + 1, AT_EMPTY_PATH) != -1 ||
		    errno != ENOENT)
			_exit(2);
		fd = open("script", O_RDONLY);
		syscall(SYS_execveat, fd, "", argv, envp + 1, AT_EMPTY_PATH);
		break;
	}
}

MOVE_TEST(exec_at)
{
	pid_t pid;
	int i;

	script();
	for (i = 0; i < 4; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			move_begin();
			run(i);
			_exit(1);
		}
		EXPECT_EQ(i < 2 ? 5 : 6, exec_verdict(pid));
	}
}
