// SPDX-License-Identifier: GPL-2.0
/* Arithmetic flags and the direction flag survive a move. */
#include "../move.h"

#define CF	0x001
#define PF	0x004
#define AF	0x010
#define ZF	0x040
#define SF	0x080
#define DF	0x400
#define OF	0x800
#define ALL	(CF | PF | AF | ZF | SF | DF | OF)

/* Set the flags, spin without touching them, return them. */
static uint64_t flags_after_spin(uint64_t flags, uint64_t count)
{
	asm volatile(
	"	push %0\n"
	"	popf\n"
	"1:	lea -1(%1), %1\n"
	"	jrcxz 2f\n"
	"	jmp 1b\n"
	"2:	pushf\n"
	"	pop %0\n"
	"	cld\n"
	: "+r" (flags), "+c" (count) : : "cc", "memory");
	return flags & ALL;
}

MOVE_TEST(regs_flags)
{
	static const uint64_t sets[] = { ALL, 0, CF | DF | SF, ZF | PF | OF, AF | DF, DF };
	unsigned int i = 0;

	move_begin();
	move_later(20);
	do {
		uint64_t want = sets[i++ % 6];

		ASSERT_EQ(want, flags_after_spin(0x202 | want, 5000000));
	} while (!move_done());
}
