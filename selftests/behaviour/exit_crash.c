// SPDX-License-Identifier: GPL-2.0
/* A crash without a handler shows as its signal, and dumps core at home. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Is there a core file of @pid in the working directory, and one of an ELF program? */
static int core_exists(pid_t pid)
{
	const char *names[] = { "core", NULL };
	char own[32], head[4];
	int i, fd;

	snprintf(own, sizeof(own), "core.%d", pid);
	names[1] = own;
	for (i = 0; i < 2; i++) {
		fd = open(names[i], O_RDONLY);
		if (fd < 0)
			continue;
		i = read(fd, head, 4) == 4 && !memcmp(head, "\177ELF", 4);
		close(fd);
		unlink(names[0]);
		unlink(names[1]);
		return i;
	}
	return 0;
}

/* Do cores land in the working directory on this machine? */
static int core_pattern_is_file(void)
{
	char text[128] = "";
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		abort();
	close(fd);
	return !strcmp(text, "core\n");
}

MOVE_TEST(exit_crash)
{
	static const int signals[] = { SIGSEGV, SIGFPE, SIGILL, SIGABRT, SIGQUIT };
	struct rlimit rl = { 1 << 26, 1 << 26 };
	volatile char * volatile nowhere = (void *)8;
	unsigned int i;
	int status;
	pid_t pid;

	if (!core_pattern_is_file())
		SKIP(return, "cores do not go to the working directory here");
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			setrlimit(RLIMIT_CORE, &rl);
			move_begin();
			move_here();
			if (signals[i] == SIGSEGV)
				*nowhere = 1;
			else if (signals[i] == SIGILL)
				asm volatile("ud2");
			raise(signals[i]);
			_exit(99);
		}
		status = wait_for(pid);
		ASSERT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(signals[i], WTERMSIG(status));
		EXPECT_TRUE(WCOREDUMP(status));
		EXPECT_EQ(1, core_exists(pid));
	}
}
