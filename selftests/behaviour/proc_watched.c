// SPDX-License-Identifier: GPL-2.0
/* /proc/PID at home of a process that moves, read all the time: cmdline, maps, status, stat. */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(1 << 20)

static char *area;	/* at the same place in both */

static void mover_child(struct __test_metadata *_metadata)
{
	int i;

	pattern_fill(area, BYTES, 7);
	move_begin();
	for (i = 0; i < 3; i++) {
		move_later(10);
		spin_until_moved();
		if (pattern_check(area, BYTES, 7) != -1)
			_exit(1);
	}
	_exit(0);
}

/* Read /proc/@pid/@name into @buf as text; its length, or -1. */
static ssize_t look(pid_t pid, const char *name, char *buf, size_t size)
{
	ssize_t n, len = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	return n < 0 ? -1 : len;
}

/* Is the page at @addr in a mapping of @maps? */
static int mapped(const char *maps, unsigned long addr)
{
	unsigned long start, end;
	const char *line;

	for (line = maps; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2 && start <= addr && addr < end)
			return 1;
	return 0;
}

MOVE_TEST(proc_watched)
{
	static char cmdline[4096], text[65536], want[64];
	int status, rounds = 0;
	ssize_t len;
	pid_t pid;

	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	len = look(getpid(), "cmdline", cmdline, sizeof(cmdline));
	ASSERT_LT(0, len);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		mover_child(_metadata);
	snprintf(want, sizeof(want), "\nPid:\t%d\n", pid);
	/* a zombie has no maps: it is looked at as long as it is not waitable */
	while (!waitpid(pid, &status, WNOHANG)) {
		siginfo_t info = {};
		ssize_t n = look(pid, "cmdline", text, sizeof(text));
		int same = n == len && !memcmp(text, cmdline, len), there, ours;

		look(pid, "maps", text, sizeof(text));
		there = mapped(text, (unsigned long)area) &&
			mapped(text, (unsigned long)area + BYTES - 1) && strstr(text, "[stack]");
		look(pid, "status", text, sizeof(text));
		ours = strstr(text, want) && strstr(text, "\nVmSize:");
		n = look(pid, "stat", text, sizeof(text));
		/* what was read as it ended tells nothing */
		if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			continue;
		EXPECT_TRUE(same);
		EXPECT_TRUE(there);
		EXPECT_TRUE(ours);
		EXPECT_LT(0, n);
		rounds++;
		if (!same || !there || !ours)
			kill(pid, SIGKILL);
	}
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_LT(0, rounds);
	munmap(area, BYTES);
}
