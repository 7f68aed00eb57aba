// SPDX-License-Identifier: GPL-2.0
/* Others see the CPU time of a program grow that computes without making calls. */
#include "../move.h"
#include <sys/wait.h>

static void child(struct __test_metadata *_metadata, int fd)
{
	volatile unsigned int n = 0;

	move_begin();
	move_here();
	if (write(fd, "x", 1) != 1)
		_exit(1);
	for (;;)
		n++;
}

/* utime + stime of a process, in ticks, as ps shows it */
static long ticks(pid_t pid)
{
	char path[64], text[1024], *p;
	unsigned long utime, stime;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = 0;
	p = strrchr(text, ')');
	if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &utime,
			 &stime) != 2)
		return -1;
	return utime + stime;
}

MOVE_TEST(clock_cpu_seen)
{
	long before, now;
	int fds[2], i;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata, fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	before = ticks(pid);
	ASSERT_LE(0, before);
	for (i = 0; i < 3; i++) {
		sleep_ms(2500 * move_slow());
		now = ticks(pid);
		EXPECT_GE(now, before + 20);
		before = now;
	}
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(SIGKILL, WTERMSIG(wait_for(pid)));
	close(fds[0]);
	close(fds[1]);
}
