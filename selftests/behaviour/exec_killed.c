// SPDX-License-Identifier: GPL-2.0
/* A program that does nothing but exec is stopped, continued and killed at random moments. */
#include "../exec.h"

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)stage;
	(void)argc;
	(void)argv;
	return exec_self("on");
}

MOVE_TEST(exec_killed)
{
	unsigned int i, seed = 1;
	int status, fds[2];
	pid_t pid;
	char byte;

	ASSERT_EQ(0, pipe(fds));
	for (i = 0; i < 6; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			move_begin();
			move_here();
			if (write(fds[1], "x", 1) != 1)
				_exit(1);
			_exit(exec_self("on"));
		}
		/* nobody is to die while the mover owes it an answer */
		ASSERT_EQ(1, read(fds[0], &byte, 1));
		sleep_ms(100 + rand_r(&seed) % 100);
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(0, kill(pid, SIGCONT));
		sleep_ms(rand_r(&seed) % 100);
		ASSERT_EQ(0, kill(pid, i & 1 ? SIGTERM : SIGKILL));
		EXPECT_EQ(128 + (i & 1 ? SIGTERM : SIGKILL), exec_verdict(pid));
	}
	close(fds[0]);
	close(fds[1]);
}
