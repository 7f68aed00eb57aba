// SPDX-License-Identifier: GPL-2.0
/* Children of children of children, each of whom waits for its own. */
#include "../move.h"
#include <sys/wait.h>

#define DEPTH	4

/* How many there are below and with this one; 100 if something is wrong. */
static int grow(int depth)
{
	pid_t pid[2], me = getpid();
	int i, status, sum = 1;

	for (i = 0; depth && i < 2; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(getppid() == me ? grow(depth - 1) : 100);
		if (pid[i] < 0)
			return 100;
	}
	for (i = 0; depth && i < 2; i++) {
		if (waitpid(pid[i], &status, 0) != pid[i] || !WIFEXITED(status) || getpid() != me)
			return 100;
		sum += WEXITSTATUS(status);
	}
	return sum < 100 ? sum : 100;
}

MOVE_TEST(fork_tree)
{
	move_begin();
	move_here();
	EXPECT_EQ((1 << (DEPTH + 1)) - 1, grow(DEPTH));
}
