// SPDX-License-Identifier: GPL-2.0
/* Many children at once, who all wait for one word and then end, each in its own way. */
#include "../move.h"
#include <sys/wait.h>

#define CHILDREN	120

MOVE_TEST(fork_many)
{
	int go[2], i, status, sum = 0;
	pid_t pid[CHILDREN];
	char byte;

	ASSERT_EQ(0, pipe(go));
	move_begin();
	move_here();
	for (i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i]) {
			close(go[1]);
			_exit(read(go[0], &byte, 1) ? 255 : i);
		}
	}
	close(go[1]);
	for (i = 0; i < CHILDREN; i++) {
		status = wait_for(-1);
		ASSERT_TRUE(WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	EXPECT_EQ(CHILDREN * (CHILDREN - 1) / 2, sum);
	EXPECT_EQ(-1, wait(&status));
	close(go[0]);
}
