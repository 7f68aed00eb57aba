// SPDX-License-Identifier: GPL-2.0
/* Exit codes, from main's end to _exit() in a handler, reach the parent. */
#include "../move.h"
#include <sys/wait.h>

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	_exit(77);
}

static void child(struct __test_metadata *_metadata, int code)
{
	on_signal(SIGUSR1, handler, 0);
	move_begin();
	move_here();
	if (code == 77)
		raise(SIGUSR1);
	if (code == 78)
		syscall(SYS_exit, 78);
	_exit(code);
}

MOVE_TEST(exit_status)
{
	static const int codes[] = { 0, 1, 42, 77, 78, 255 };
	unsigned int i;
	int status;
	pid_t pid;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child(_metadata, codes[i]);
		status = wait_for(pid);
		EXPECT_TRUE(WIFEXITED(status));
		EXPECT_EQ(codes[i], WEXITSTATUS(status));
	}
}
