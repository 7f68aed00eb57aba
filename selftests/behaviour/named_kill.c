// SPDX-License-Identifier: GPL-2.0
/* A process is killed elsewhere: what it has written to a file that it had mapped is in the file. */
#include "../named.h"

static void moved(int done[2])
{
	named_write_away();
	named_go(done);
	for (;;)
		;
}

MOVE_TEST(named_kill)
{
	int done[2];
	pid_t pid;

	named_begin();
	named_pipe(done);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		moved(done);
	named_wait(done);
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 1));
	EXPECT_EQ(-1, named_check(NAMED_HALF, NAMED_HALF, 2));
	EXPECT_EQ(0, unlink(named_path));
	close(done[0]);
	close(done[1]);
}
