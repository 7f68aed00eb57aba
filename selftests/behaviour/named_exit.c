// SPDX-License-Identifier: GPL-2.0
/* A process ends elsewhere: what it has written to a file that it had mapped is in the file. */
#include "../named.h"

static int moved(void)
{
	named_write_away();
	return 0;
}

MOVE_TEST(named_exit)
{
	pid_t pid;

	named_begin();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(moved());
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 1));
	EXPECT_EQ(-1, named_check(NAMED_HALF, NAMED_HALF, 2));
	EXPECT_EQ(0, unlink(named_path));
}
