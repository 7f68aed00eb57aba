// SPDX-License-Identifier: GPL-2.0
/* A move inside a restartable sequence restarts it at its abort handler. */
#include "../move.h"
#include <sys/rseq.h>

static volatile int aborted;

/* Spins for ever inside a critical section; only an abort gets it out. */
static void spin_in_section(struct rseq *area)
{
	asm volatile goto(
	"	.pushsection __rseq_cs, \"aw\"\n"
	"	.balign 32\n"
	"3:	.long 0, 0\n"
	"	.quad 1f, 2f - 1f, 4f\n"
	"	.popsection\n"
	"	lea 3b(%%rip), %%rax\n"
	"	mov %%rax, %0\n"
	"1:	pause\n"
	"	jmp 1b\n"
	"2:	nop\n"
	"	.byte 0x0f, 0xb9, 0x3d\n"
	"	.long %c1\n"
	"4:	jmp %l[abort]\n"
	: : "m" (area->rseq_cs), "i" (RSEQ_SIG) : "rax", "memory" : abort);
	return;
abort:
	aborted++;
}

MOVE_TEST(rseq_abort)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	aborted = 0;
	move_begin();
	/* once: a busy node aborts it more often than that, and would put the move off for ever */
	move_later(30);
	do
		spin_in_section(area);
	while (!move_done());
	EXPECT_GE(aborted, 1);
	EXPECT_EQ(0, area->rseq_cs);
}
