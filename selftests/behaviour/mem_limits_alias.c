// SPDX-License-Identifier: GPL-2.0
/* prlimit() with the old limit written over the new one: the new one is in force all the same. */
#include "../move.h"
#include <sys/resource.h>

#define ROOM	(256UL << 20)

static void *try_map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, bytes);
	return p;
}

MOVE_TEST(mem_limits_alias)
{
	struct rlimit before, both;

	ASSERT_EQ(0, getrlimit(RLIMIT_AS, &before));
	ASSERT_EQ(RLIM_INFINITY, before.rlim_cur);
	move_begin();
	move_here();
	both = (struct rlimit){ ROOM, RLIM_INFINITY };
	EXPECT_EQ(0, syscall(SYS_prlimit64, 0, RLIMIT_AS, &both, &both));
	EXPECT_EQ(RLIM_INFINITY, both.rlim_cur);
	EXPECT_EQ(MAP_FAILED, try_map(2 * ROOM));
	EXPECT_EQ(ENOMEM, errno);
	/* and back, in one structure again */
	EXPECT_EQ(0, syscall(SYS_prlimit64, getpid(), RLIMIT_AS, &both, &both));
	EXPECT_EQ(ROOM, both.rlim_cur);
	EXPECT_NE(MAP_FAILED, try_map(2 * ROOM));
	move_end();
}
