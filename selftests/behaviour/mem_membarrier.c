// SPDX-License-Identifier: GPL-2.0
/* membarrier(): what has been registered stays so, what has not is refused; and getcpu(). */
#include "../move.h"
#include <linux/membarrier.h>
#include <sched.h>

static int membarrier(int cmd, unsigned int flags)
{
	return syscall(SYS_membarrier, cmd, flags, 0) ? errno : 0;
}

MOVE_TEST(mem_membarrier)
{
	unsigned int cpu = 9999, node = 9999;
	int mask;

	mask = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
	if (mask < 0)
		SKIP(return, "no membarrier: %s", strerror(errno));
	ASSERT_EQ(0, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0));
	ASSERT_EQ(0, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0));
	move_begin();
	move_here();
	EXPECT_EQ(mask, syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
	EXPECT_EQ(0, membarrier(MEMBARRIER_CMD_GLOBAL, 0));
	EXPECT_EQ(0, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
	EXPECT_EQ(0, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
	EXPECT_EQ(0, membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0));
	EXPECT_EQ(0, membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0));
	EXPECT_EQ(EINVAL, membarrier(1 << 20, 0));
	EXPECT_EQ(EINVAL, membarrier(MEMBARRIER_CMD_GLOBAL, 8));
	EXPECT_EQ(0, getcpu(&cpu, &node));
	EXPECT_LT(cpu, 4096);
	EXPECT_LT(node, 1024);
	EXPECT_LE(0, sched_getcpu());
}
