// SPDX-License-Identifier: GPL-2.0
/* Rounding mode, flush-to-zero and sticky exception flags of SSE survive a move. */
#include "../move.h"
#include <xmmintrin.h>

MOVE_TEST(regs_mxcsr)
{
	unsigned int saved = _mm_getcsr();
	volatile double one = 1.0, three = 3.0, up;
	volatile float tiny = 1e-38f, result;

	/* Round up, flush to zero, all masked, "divide by zero" is set. */
	_mm_setcsr(0x1f80 | 0x4000 | 0x8000 | 0x0004);
	up = one / three;
	_mm_setcsr(0x1f80 | 0x4000 | 0x8000 | 0x0004);
	move_begin();
	move_here();
	EXPECT_EQ(0x1f80 | 0x4000 | 0x8000 | 0x0004, _mm_getcsr());
	EXPECT_EQ(up, one / three);
	result = tiny * 0.01f;
	EXPECT_EQ(0, result);
	_mm_setcsr(0x1f80);
	EXPECT_NE(up, one / three);
	_mm_setcsr(saved);
}
