// SPDX-License-Identifier: GPL-2.0
/* The x87 control word set by the program is still in force after a move. */
#include "../move.h"
#include <fenv.h>
#include <math.h>

MOVE_TEST(regs_x87_control)
{
	volatile long double x = 2.5L;

	ASSERT_EQ(0, fesetround(FE_UPWARD));
	move_begin();
	move_here();
	EXPECT_EQ(FE_UPWARD, fegetround());
	EXPECT_EQ(3.0L, rintl(x));
	ASSERT_EQ(0, fesetround(FE_DOWNWARD));
	move_here();
	EXPECT_EQ(2.0L, rintl(x));
	EXPECT_EQ(0, fesetround(FE_TONEAREST));
}
