// SPDX-License-Identifier: GPL-2.0
/*
 * A child runs where its parent runs: the fork brings nobody home. When neither has moved meanwhile,
 * both see the same node.
 */
#include "../move.h"
#include <sys/wait.h>

MOVE_TEST(fork_where)
{
	int seen = 0, i, status, node, moves;
	pid_t pid;

	move_begin();
	move_here();
	for (i = 0; i < 200 && seen < 5; i++) {
		moves = migrate_number(getpid(), "moves");
		node = migrate_number(getpid(), "node");
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(migrate_number(getpid(), "node") & 0xff);
		status = wait_for(pid);
		ASSERT_TRUE(WIFEXITED(status));
		if (migrate_number(getpid(), "moves") != moves)
			continue;
		EXPECT_EQ(node & 0xff, WEXITSTATUS(status));
		seen++;
	}
	EXPECT_EQ(5, seen);
}
