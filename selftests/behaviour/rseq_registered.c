// SPDX-License-Identifier: GPL-2.0
/* The restartable-sequence area stays registered: the kernel goes on filling it. */
#include "../move.h"
#include <sched.h>
#include <sys/rseq.h>

MOVE_TEST(rseq_registered)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	int i;

	ASSERT_NE(0, __rseq_size);
	move_begin();
	move_here();
	for (i = 0; i < 50; i++) {
		ASSERT_LT(area->cpu_id, 4096);
		ASSERT_EQ(area->cpu_id, area->cpu_id_start);
		sched_yield();
	}
	EXPECT_GT(cpus, 0);
	/* Only who is registered can unregister. */
	EXPECT_EQ(0, syscall(SYS_rseq, area, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
	EXPECT_EQ(RSEQ_CPU_ID_UNINITIALIZED, (int)area->cpu_id);
	EXPECT_EQ(0, syscall(SYS_rseq, area, 32, 0, RSEQ_SIG));
	move_here();
	EXPECT_LT(area->cpu_id, 4096);
	EXPECT_EQ(-1, syscall(SYS_rseq, area, 32, 0, RSEQ_SIG));
	EXPECT_EQ(EBUSY, errno);
}
