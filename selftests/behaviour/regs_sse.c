// SPDX-License-Identifier: GPL-2.0
/* xmm0 to xmm15 survive a move in user mode. */
#include "../move.h"

uint64_t in[32] __attribute__((aligned(16))), out[32] __attribute__((aligned(16)));

static void sse_spin(uint64_t count)
{
	asm volatile(
	"	movdqa in+0(%%rip), %%xmm0\n	movdqa in+16(%%rip), %%xmm1\n"
	"	movdqa in+32(%%rip), %%xmm2\n	movdqa in+48(%%rip), %%xmm3\n"
	"	movdqa in+64(%%rip), %%xmm4\n	movdqa in+80(%%rip), %%xmm5\n"
	"	movdqa in+96(%%rip), %%xmm6\n	movdqa in+112(%%rip), %%xmm7\n"
	"	movdqa in+128(%%rip), %%xmm8\n	movdqa in+144(%%rip), %%xmm9\n"
	"	movdqa in+160(%%rip), %%xmm10\n	movdqa in+176(%%rip), %%xmm11\n"
	"	movdqa in+192(%%rip), %%xmm12\n	movdqa in+208(%%rip), %%xmm13\n"
	"	movdqa in+224(%%rip), %%xmm14\n	movdqa in+240(%%rip), %%xmm15\n"
	"1:	dec %0\n"
	"	jnz 1b\n"
	"	movdqa %%xmm0, out+0(%%rip)\n	movdqa %%xmm1, out+16(%%rip)\n"
	"	movdqa %%xmm2, out+32(%%rip)\n	movdqa %%xmm3, out+48(%%rip)\n"
	"	movdqa %%xmm4, out+64(%%rip)\n	movdqa %%xmm5, out+80(%%rip)\n"
	"	movdqa %%xmm6, out+96(%%rip)\n	movdqa %%xmm7, out+112(%%rip)\n"
	"	movdqa %%xmm8, out+128(%%rip)\n	movdqa %%xmm9, out+144(%%rip)\n"
	"	movdqa %%xmm10, out+160(%%rip)\n	movdqa %%xmm11, out+176(%%rip)\n"
	"	movdqa %%xmm12, out+192(%%rip)\n	movdqa %%xmm13, out+208(%%rip)\n"
	"	movdqa %%xmm14, out+224(%%rip)\n	movdqa %%xmm15, out+240(%%rip)\n"
	: "+r" (count) : : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
	"xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

MOVE_TEST(regs_sse)
{
	int round = 0;

	move_begin();
	move_later(20);
	do {
		pattern_fill(in, sizeof(in), 32 * round++);
		memset(out, 0, sizeof(out));
		sse_spin(5000000);
		ASSERT_EQ(0, memcmp(in, out, sizeof(in)));
	} while (!move_done());
}
