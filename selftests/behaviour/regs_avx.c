// SPDX-License-Identifier: GPL-2.0
/* ymm0 to ymm15, with their upper halves, survive a move in user mode. */
#include "../move.h"

uint64_t in[64] __attribute__((aligned(32))), out[64] __attribute__((aligned(32)));

static void avx_spin(uint64_t count)
{
	asm volatile(
	"	vmovdqa in+0(%%rip), %%ymm0\n	vmovdqa in+32(%%rip), %%ymm1\n"
	"	vmovdqa in+64(%%rip), %%ymm2\n	vmovdqa in+96(%%rip), %%ymm3\n"
	"	vmovdqa in+128(%%rip), %%ymm4\n	vmovdqa in+160(%%rip), %%ymm5\n"
	"	vmovdqa in+192(%%rip), %%ymm6\n	vmovdqa in+224(%%rip), %%ymm7\n"
	"	vmovdqa in+256(%%rip), %%ymm8\n	vmovdqa in+288(%%rip), %%ymm9\n"
	"	vmovdqa in+320(%%rip), %%ymm10\n	vmovdqa in+352(%%rip), %%ymm11\n"
	"	vmovdqa in+384(%%rip), %%ymm12\n	vmovdqa in+416(%%rip), %%ymm13\n"
	"	vmovdqa in+448(%%rip), %%ymm14\n	vmovdqa in+480(%%rip), %%ymm15\n"
	"1:	dec %0\n"
	"	jnz 1b\n"
	"	vmovdqa %%ymm0, out+0(%%rip)\n	vmovdqa %%ymm1, out+32(%%rip)\n"
	"	vmovdqa %%ymm2, out+64(%%rip)\n	vmovdqa %%ymm3, out+96(%%rip)\n"
	"	vmovdqa %%ymm4, out+128(%%rip)\n	vmovdqa %%ymm5, out+160(%%rip)\n"
	"	vmovdqa %%ymm6, out+192(%%rip)\n	vmovdqa %%ymm7, out+224(%%rip)\n"
	"	vmovdqa %%ymm8, out+256(%%rip)\n	vmovdqa %%ymm9, out+288(%%rip)\n"
	"	vmovdqa %%ymm10, out+320(%%rip)\n	vmovdqa %%ymm11, out+352(%%rip)\n"
	"	vmovdqa %%ymm12, out+384(%%rip)\n	vmovdqa %%ymm13, out+416(%%rip)\n"
	"	vmovdqa %%ymm14, out+448(%%rip)\n	vmovdqa %%ymm15, out+480(%%rip)\n"
	"	vzeroupper\n"
	: "+r" (count) : : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
	"xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

MOVE_TEST(regs_avx)
{
	int round = 0;

	if (!__builtin_cpu_supports("avx"))
		SKIP(return, "the processor has no AVX");
	move_begin();
	move_later(20);
	do {
		pattern_fill(in, sizeof(in), 64 * round++);
		memset(out, 0, sizeof(out));
		avx_spin(5000000);
		ASSERT_EQ(0, memcmp(in, out, sizeof(in)));
	} while (!move_done());
}
