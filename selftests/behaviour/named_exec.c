// SPDX-License-Identifier: GPL-2.0
/* A process starts another program elsewhere: what it had written to a mapped file is in the file. */
#include "../named.h"

static int moved(void)
{
	named_write_away();
	/* the new program looks at the file itself, wherever it runs */
	execl("/bin/cmp", "cmp", named_path, named_path, NULL);
	return 1;
}

MOVE_TEST(named_exec)
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
