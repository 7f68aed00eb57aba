// SPDX-License-Identifier: GPL-2.0
/* Eight x87 registers, the control word and the exception flags survive a move. */
#include "../move.h"

long double in[8], out[8];

static void x87_spin(uint16_t cw, uint64_t count, uint16_t *cw_out, uint16_t *sw_out)
{
	asm volatile(
	"	fninit\n"
	"	fldcw %2\n"
	"	fldt in+112(%%rip)\n	fldt in+96(%%rip)\n	fldt in+80(%%rip)\n"
	"	fldt in+64(%%rip)\n	fldt in+48(%%rip)\n	fldt in+32(%%rip)\n"
	"	fldt in+16(%%rip)\n	fldt in+0(%%rip)\n"
	"1:	dec %3\n"
	"	jnz 1b\n"
	"	fnstcw %0\n"
	"	fnstsw %1\n"
	"	fstpt out+0(%%rip)\n	fstpt out+16(%%rip)\n	fstpt out+32(%%rip)\n"
	"	fstpt out+48(%%rip)\n	fstpt out+64(%%rip)\n	fstpt out+80(%%rip)\n"
	"	fstpt out+96(%%rip)\n	fstpt out+112(%%rip)\n"
	"	fninit\n"
	: "=m" (*cw_out), "=m" (*sw_out)
	: "m" (cw), "r" (count)
	: "cc", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
}

MOVE_TEST(regs_x87)
{
	int i, round = 0;
	uint16_t cw, sw;

	move_begin();
	move_later(20);
	do {
		for (i = 0; i < 8; i++)
			in[i] = 1.0L / (3 + i + 8 * round);
		memset(out, 0, sizeof(out));
		/* Round up, all exceptions masked, extended precision. */
		x87_spin(0x0b7f, 5000000, &cw, &sw);
		ASSERT_EQ(0x0b7f, cw);
		/* The stack was full: top is 0. */
		ASSERT_EQ(0, sw & 0x3800);
		for (i = 0; i < 8; i++)
			ASSERT_EQ(0, memcmp(&in[i], &out[i], 10));
		round++;
	} while (!move_done());
}
