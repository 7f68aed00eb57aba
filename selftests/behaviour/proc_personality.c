// SPDX-License-Identifier: GPL-2.0
/* The personality is kept and can be changed. */
#include "../move.h"
#include <sys/personality.h>

static int child(struct __test_metadata *_metadata)
{
	if (personality(ADDR_NO_RANDOMIZE) == -1)
		return 1;
	move_begin();
	move_here();
	if (personality(0xffffffff) != ADDR_NO_RANDOMIZE)
		return 2;
	if (personality(ADDR_NO_RANDOMIZE | SHORT_INODE) != ADDR_NO_RANDOMIZE)
		return 3;
	move_here();
	return personality(0xffffffff) != (ADDR_NO_RANDOMIZE | SHORT_INODE);
}

MOVE_TEST(proc_personality)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
