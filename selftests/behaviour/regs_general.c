// SPDX-License-Identifier: GPL-2.0
/* All general registers keep their values when the move hits a loop in user mode. */
#include "../move.h"

uint64_t regs_in[15], regs_out[15], regs_count, regs_sp;

/*
 * Load rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15 from regs_in, count down regs_count in
 * memory, store them to regs_out.
 */
void regs_spin(void);
asm(
"	.globl regs_spin\n"
"regs_spin:\n"
"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
"	mov %rsp, regs_sp(%rip)\n"
"	mov regs_in+0(%rip), %rax\n	mov regs_in+8(%rip), %rbx\n"
"	mov regs_in+16(%rip), %rcx\n	mov regs_in+24(%rip), %rdx\n"
"	mov regs_in+32(%rip), %rsi\n	mov regs_in+40(%rip), %rdi\n"
"	mov regs_in+48(%rip), %rbp\n	mov regs_in+56(%rip), %r8\n"
"	mov regs_in+64(%rip), %r9\n	mov regs_in+72(%rip), %r10\n"
"	mov regs_in+80(%rip), %r11\n	mov regs_in+88(%rip), %r12\n"
"	mov regs_in+96(%rip), %r13\n	mov regs_in+104(%rip), %r14\n"
"	mov regs_in+112(%rip), %r15\n"
"1:	decq regs_count(%rip)\n"
"	jnz 1b\n"
"	mov %rax, regs_out+0(%rip)\n	mov %rbx, regs_out+8(%rip)\n"
"	mov %rcx, regs_out+16(%rip)\n	mov %rdx, regs_out+24(%rip)\n"
"	mov %rsi, regs_out+32(%rip)\n	mov %rdi, regs_out+40(%rip)\n"
"	mov %rbp, regs_out+48(%rip)\n	mov %r8, regs_out+56(%rip)\n"
"	mov %r9, regs_out+64(%rip)\n	mov %r10, regs_out+72(%rip)\n"
"	mov %r11, regs_out+80(%rip)\n	mov %r12, regs_out+88(%rip)\n"
"	mov %r13, regs_out+96(%rip)\n	mov %r14, regs_out+104(%rip)\n"
"	mov %r15, regs_out+112(%rip)\n"
"	cmp %rsp, regs_sp(%rip)\n"
"	je 2f\n"
"	ud2\n"
"2:	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"
"	ret\n");

MOVE_TEST(regs_general)
{
	int i, round = 0;

	move_begin();
	move_later(20);
	do {
		for (i = 0; i < 15; i++)
			regs_in[i] = pattern(round * 15 + i);
		memset(regs_out, 0, sizeof(regs_out));
		regs_count = 5000000;
		regs_spin();
		for (i = 0; i < 15; i++)
			ASSERT_EQ(regs_in[i], regs_out[i]);
		round++;
	} while (!move_done());
}
