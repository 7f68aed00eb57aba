// SPDX-License-Identifier: GPL-2.0
/*
 * A program writes over its arguments, to tell what it is doing, and over its environment: the
 * files cmdline and environ of /proc/PID show that wherever it is, to others and to itself.
 */
#include "../move.h"

extern char **environ;

static int shows(pid_t pid, const char *name, const char *text, size_t len)
{
	static char buf[1 << 20];
	char path[64];
	ssize_t n, all = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	while ((n = read(fd, buf + all, sizeof(buf) - all)) > 0)
		all += n;
	close(fd);
	return n ? -1 : memmem(buf, all, text, len) != NULL;
}

/* Reports what it sees of the program, when asked. */
static void other(pid_t pid, int in, int back)
{
	char text[4], byte;

	while (read(in, text, 4) == 4) {
		byte = shows(pid, "cmdline", text, 4) == 1 && shows(pid, "environ", text, 4) == 1;
		if (write(back, &byte, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

MOVE_TEST(proc_title)
{
	char text[5], byte, *title = program_invocation_name;
	int i, to[2], from[2];
	pid_t pid, self = getpid();

	ASSERT_LE(4, strlen(title));
	ASSERT_TRUE(environ[0] && strlen(environ[0]) >= 4);
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(to[1]);
		other(self, to[0], from[1]);
	}
	move_begin();
	for (i = 0; i < 12; i++) {
		if (i % 4 == 0)
			move_here();
		snprintf(text, sizeof(text), "%c%03d", 'A' + i, i);
		memcpy(title, text, 4);
		memcpy(environ[0], text, 4);
		ASSERT_EQ(4, write(to[1], text, 4));
		ASSERT_EQ(1, read(from[0], &byte, 1));
		EXPECT_EQ(1, byte);
		EXPECT_EQ(1, shows(self, "cmdline", text, 4));
		if (i == 6)
			EXPECT_EQ(1, shows(self, "environ", text, 4));
	}
	close(to[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(to[0]);
	close(from[0]);
	close(from[1]);
}
