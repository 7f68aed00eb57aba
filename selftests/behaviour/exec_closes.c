// SPDX-License-Identifier: GPL-2.0
/* What is closed on exec is closed at once: who reads from a pipe sees its end then. */
#include "../exec.h"

static int after_exec(const char *stage, int argc, char **argv)
{
	char byte;

	(void)stage;
	(void)argc;
	(void)argv;
	/* until the parent has seen the end of the other pipe */
	return read(21, &byte, 1) == 1 ? 4 : 1;
}

MOVE_TEST(exec_closes)
{
	int up[2], down[2], i;
	pid_t pid;
	char byte;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, pipe2(up, O_CLOEXEC));
		ASSERT_EQ(0, pipe2(down, O_CLOEXEC));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			if (dup2(down[0], 21) != 21)
				_exit(2);
			move_begin();
			move_here();
			_exit(exec_self("closes"));
		}
		close(up[1]);
		close(down[0]);
		EXPECT_EQ(0, read(up[0], &byte, 1));
		EXPECT_EQ(1, write(down[1], "x", 1));
		EXPECT_EQ(4, exec_verdict(pid));
		close(up[0]);
		close(down[1]);
	}
}
