// SPDX-License-Identifier: GPL-2.0
/* membarrier() that asks for what the process has not registered is refused, before and after. */
#include "../move.h"
#include <linux/membarrier.h>

static int membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0) ? errno : 0;
}

/* In a child: what is registered stays so. */
static void asks(struct __test_metadata *_metadata, int out)
{
	int seen[4];

	move_begin();
	seen[0] = membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	move_here();
	seen[1] = membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	seen[2] = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
	move_here();
	seen[3] = membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	_exit(write(out, seen, sizeof(seen)) != sizeof(seen));
}

MOVE_TEST(mem_membarrier_unregistered)
{
	int seen[4] = { -1, -1, -1, -1 }, fds[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		asks(_metadata, fds[1]);
	close(fds[1]);
	EXPECT_EQ((ssize_t)sizeof(seen), read(fds[0], seen, sizeof(seen)));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(EPERM, seen[0]);
	EXPECT_EQ(EPERM, seen[1]);
	EXPECT_EQ(0, seen[2]);
	EXPECT_EQ(0, seen[3]);
	close(fds[0]);
}
