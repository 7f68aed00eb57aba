// SPDX-License-Identifier: GPL-2.0
/* Resource limits: read, changed, and in force (RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU). */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata, int cpu)
{
	struct rlimit files = { 300, 400 }, size = { 1000, 2000 }, secs = { 1, 20 }, now;
	volatile unsigned long n = 0;
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &files))
		return 1;
	move_begin();
	move_here();
	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur != 300 || now.rlim_max != 400)
		return 2;
	if (fcntl(0, F_DUPFD, 300) != -1 || errno != EINVAL)
		return 3;
	if (dup2(0, 299) != 299 || dup2(0, 300) != -1 || errno != EBADF)
		return 4;
	if (setrlimit(RLIMIT_FSIZE, &size))
		return 5;
	signal(SIGXFSZ, SIG_IGN);
	fd = open("file", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, (char[1500]){ 0 }, 1500) != 1000)
		return 6;
	if (write(fd, "x", 1) != -1 || errno != EFBIG)
		return 7;
	if (syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &now) || now.rlim_cur != 1000)
		return 8;
	size.rlim_cur = 3000;
	if (setrlimit(RLIMIT_FSIZE, &size) != -1 || errno != EINVAL)
		return 9;
	if (cpu) {
		now = (struct rlimit){ 0, 0 };
		setrlimit(RLIMIT_CORE, &now);
		if (setrlimit(RLIMIT_CPU, &secs))
			return 10;
		for (;;)
			n++;
	}
	return 0;
}

MOVE_TEST(proc_limits)
{
	int cpu, status;
	pid_t pid;

	for (cpu = 0; cpu < 2; cpu++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child(_metadata, cpu));
		status = wait_for(pid);
		if (cpu) {
			ASSERT_TRUE(WIFSIGNALED(status));
			EXPECT_EQ(SIGXCPU, WTERMSIG(status));
		} else {
			EXPECT_EQ(0, status);
		}
	}
	EXPECT_EQ(0, unlink("file"));
}
