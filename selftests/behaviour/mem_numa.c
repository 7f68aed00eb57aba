// SPDX-License-Identifier: GPL-2.0
/* Policies of memory placement: asked, set and taken back, at home. */
#include "../move.h"
#include <linux/mempolicy.h>

MOVE_TEST(mem_numa)
{
	unsigned long mask = 0, node0 = 1, all = ~0UL;
	int policy = -1, status = -1, zero = 0;
	void *page;
	char *p;

	p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	move_begin();
	move_here();
	EXPECT_EQ(0, syscall(SYS_get_mempolicy, &policy, &mask, 64, NULL, 0));
	EXPECT_EQ(MPOL_DEFAULT, policy);
	EXPECT_EQ(0, syscall(SYS_set_mempolicy, MPOL_PREFERRED, &node0, 64));
	EXPECT_EQ(0, syscall(SYS_get_mempolicy, &policy, &mask, 64, NULL, 0));
	EXPECT_EQ(MPOL_PREFERRED, policy);
	EXPECT_EQ(1, mask);
	EXPECT_EQ(0, syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
	move_here();
	EXPECT_EQ(0, syscall(SYS_mbind, p, 4 * 4096, MPOL_BIND, &node0, 64, 0));
	EXPECT_EQ(0, syscall(SYS_get_mempolicy, &policy, NULL, 0, p, MPOL_F_ADDR));
	EXPECT_EQ(MPOL_BIND, policy);
	EXPECT_EQ(-1, syscall(SYS_set_mempolicy_home_node, p, 4 * 4096, 0, 1));
	EXPECT_EQ(EINVAL, errno);
	page = p;
	EXPECT_EQ(0, syscall(SYS_move_pages, 0, 1, &page, &zero, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, syscall(SYS_migrate_pages, 0, 64, &node0, &node0));
	EXPECT_EQ(-1, syscall(SYS_mbind, p, 4096, 99, &all, 64, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(1, p[0]);
	EXPECT_EQ(0, munmap(p, 4 * 4096));
}
