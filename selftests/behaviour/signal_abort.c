// SPDX-License-Identifier: GPL-2.0
/* abort() shows as SIGABRT, also when a handler returns from it. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int fd;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	if (write(fd, "h", 1) != 1)
		_exit(1);
}

MOVE_TEST(signal_abort)
{
	struct rlimit none = { 0, 0 };
	int fds[2], status;
	char text[4];
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		fd = fds[1];
		setrlimit(RLIMIT_CORE, &none);
		on_signal(SIGABRT, handler, 0);
		move_begin();
		move_here();
		abort();
	}
	close(fds[1]);
	EXPECT_EQ(1, read(fds[0], text, sizeof(text)));
	EXPECT_EQ('h', text[0]);
	status = wait_for(pid);
	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGABRT, WTERMSIG(status));
	close(fds[0]);
}
