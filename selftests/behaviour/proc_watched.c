// SPDX-License-Identifier: GPL-2.0
/* /proc/PID at home of a process that moves, read all the time: cmdline, maps, status, stat. */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(1 << 20)

static char *area;	/* at the same place in both */

/* It ends when nobody looks at it any more: what exits has no memory to be seen. */
static void mover_child(struct __test_metadata *_metadata, int done, int go)
{
	char byte = 'd';
	int i;

	pattern_fill(area, BYTES, 7);
	move_begin();
	for (i = 0; i < 3; i++) {
		move_later(10);
		spin_until_moved();
		if (pattern_check(area, BYTES, 7) != -1)
			_exit(1);
	}
	_exit(write(done, &byte, 1) == 1 && read(go, &byte, 1) == 1 ? 0 : 2);
}

static int readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0);
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
	int done[2], go[2], status, rounds = 0, good = 1;
	ssize_t len;
	pid_t pid;

	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, pipe(done));
	ASSERT_EQ(0, pipe(go));
	len = look(getpid(), "cmdline", cmdline, sizeof(cmdline));
	ASSERT_LT(0, len);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		mover_child(_metadata, done[1], go[0]);
	close(done[1]);
	snprintf(want, sizeof(want), "\nPid:\t%d\n", pid);
	for (; good && !readable(done[0]); rounds++) {
		EXPECT_EQ(len, look(pid, "cmdline", text, sizeof(text)));
		EXPECT_EQ(0, memcmp(text, cmdline, len));
		EXPECT_LT(0, look(pid, "maps", text, sizeof(text)));
		good = mapped(text, (unsigned long)area) &&
		       mapped(text, (unsigned long)area + BYTES - 1) && strstr(text, "[stack]");
		EXPECT_TRUE(good);
		EXPECT_LT(0, look(pid, "status", text, sizeof(text)));
		EXPECT_NE(NULL, strstr(text, want));
		EXPECT_NE(NULL, strstr(text, "\nVmSize:"));
		EXPECT_LT(0, look(pid, "stat", text, sizeof(text)));
		good = good && _metadata->passed;
	}
	EXPECT_LT(0, rounds);
	EXPECT_EQ(1, write(go[1], "g", 1));
	status = wait_for(pid);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	close(done[0]);
	close(go[0]);
	close(go[1]);
	munmap(area, BYTES);
}
