// SPDX-License-Identifier: GPL-2.0
/* SIGTERM, SIGKILL and others without a handler end the program with the right status. */
#include "../move.h"
#include <sys/wait.h>

static void victim(struct __test_metadata *_metadata, int ready)
{
	move_begin();
	move_here();
	if (write(ready, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

MOVE_TEST(signal_default_kills)
{
	const int signals[] = { SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGRTMIN + 4 };
	unsigned int i;
	int fds[2], status;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			victim(_metadata, fds[1]);
		ASSERT_EQ(1, read(fds[0], &byte, 1));
		ASSERT_EQ(0, kill(pid, signals[i]));
		status = wait_for(pid);
		ASSERT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(signals[i], WTERMSIG(status));
		EXPECT_FALSE(WCOREDUMP(status));
	}
	close(fds[0]);
	close(fds[1]);
}
