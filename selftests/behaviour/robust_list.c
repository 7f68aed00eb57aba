// SPDX-License-Identifier: GPL-2.0
/* The kernel keeps the address of the robust futex list. */
#include "../move.h"
#include <linux/futex.h>

MOVE_TEST(robust_list)
{
	static struct robust_list_head mine;
	struct robust_list_head *before = NULL, *after = NULL;
	size_t len = 0;

	ASSERT_EQ(0, syscall(SYS_get_robust_list, 0, &before, &len));
	move_begin();
	move_here();
	EXPECT_EQ(0, syscall(SYS_get_robust_list, 0, &after, &len));
	EXPECT_EQ(before, after);
	EXPECT_EQ(sizeof(*before), len);
	mine.list.next = &mine.list;
	EXPECT_EQ(0, syscall(SYS_set_robust_list, &mine, sizeof(mine)));
	move_here();
	EXPECT_EQ(0, syscall(SYS_get_robust_list, 0, &after, &len));
	EXPECT_EQ(&mine, after);
	EXPECT_EQ(0, syscall(SYS_set_robust_list, before, sizeof(*before)));
}
