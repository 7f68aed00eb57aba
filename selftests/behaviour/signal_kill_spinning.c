// SPDX-License-Identifier: GPL-2.0
/* A program that only computes, without system calls, is killed and interrupted all the same. */
#include "../move.h"
#include <sys/wait.h>

static volatile int stop;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	stop = 1;
}

static void victim(struct __test_metadata *_metadata, int ready)
{
	volatile unsigned long n = 0;

	on_signal(SIGUSR1, handler, 0);
	move_begin();
	move_here();
	if (write(ready, "r", 1) != 1)
		_exit(1);
	while (!stop)
		n++;
	if (write(ready, "s", 1) != 1)
		_exit(1);
	for (;;)
		n++;
}

MOVE_TEST(signal_kill_spinning)
{
	int fds[2], status;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		victim(_metadata, fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ('r', byte);
	sleep_ms(50);
	ASSERT_EQ(0, kill(pid, SIGUSR1));
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ('s', byte);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	status = wait_for(pid);
	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	close(fds[0]);
	close(fds[1]);
}
