// SPDX-License-Identifier: GPL-2.0
/*
 * A 64-bit program runs 32-bit code for a while, with its own segments, and makes 32-bit calls there:
 * wherever it is moved it goes on in that mode.
 */
#include "../move.h"

#define PAGES	(16 * 4096)

/**
 * struct low - what the code looks at, below 4 GiB
 * @rounds: how often yet; each a loop and a getpid()
 * @pid: what that should say
 * @wrong: how often it said something else
 * @sum: of all the loops
 * @sp: stack of the 64-bit program
 * @code, @code_cs: far pointer to the 32-bit code
 * @back, @back_cs: far pointer to where it goes on in 64-bit code
 * @stack: for the 32-bit code
 */
struct low {
	uint32_t rounds, pid, wrong, sum;
	uint64_t sp;
	uint32_t code;
	uint32_t code_cs;
	uint32_t back;
	uint32_t back_cs;
	char stack[8192] __attribute__((aligned(16)));
};

/*
 * To and from 32-bit code, with the address of a struct low in rdi: itself to be below 4 GiB, for the way
 * back. By jumps, as QEMU 7.2 makes far calls of user mode with the kernel's rights.
 */
asm(
"	.pushsection .text\n"
"to_code32:\n"
"	push	%rbx\n"
"	push	%rbp\n"
"	mov	%rsp, 16(%rdi)\n"
"	lea	8192(%rdi), %rsp\n"
"	ljmp	*24(%rdi)\n"
"from_code32:\n"
"	mov	%edi, %edi\n"
"	mov	16(%rdi), %rsp\n"
"	pop	%rbp\n"
"	pop	%rbx\n"
"	ret\n"
"	.code32\n"
"code32:\n"
"	mov	$100000, %ecx\n"
"1:	incl	12(%edi)\n"
"	loop	1b\n"
"	mov	$20, %eax\n"
"	int	$0x80\n"
"	cmp	%eax, 4(%edi)\n"
"	je	2f\n"
"	incl	8(%edi)\n"
"2:	decl	(%edi)\n"
"	jnz	code32\n"
"	ljmp	*32(%edi)\n"
"	.code64\n"
"end_code32:\n"
"	.popsection\n"
);

extern const char to_code32[], from_code32[], code32[], end_code32[];

static uint64_t data_segments(void)
{
	uint64_t ds, es, gs;

	asm volatile("mov %%ds, %0\n	mov %%es, %1\n	mov %%gs, %2" : "=r" (ds), "=r" (es), "=r" (gs));
	return ds << 32 | es << 16 | gs;
}

static void set_data_segments(unsigned int selector)
{
	asm volatile("mov %0, %%ds\n	mov %0, %%es\n	mov %0, %%gs" : : "r" (selector));
}

/* @rounds of 32-bit code, entered where the program is now. */
static void run_code32(struct __test_metadata *_metadata, struct low *low, uint32_t rounds)
{
	uint32_t before = low->sum;

	low->rounds = rounds;
	((void (*)(struct low *))(low + 1))(low);
	ASSERT_EQ(0, low->wrong);
	ASSERT_EQ(rounds * 100000, low->sum - before);
	ASSERT_EQ(0x2b002b002b, data_segments());
}

MOVE_TEST(regs_code32)
{
	struct low *low = mmap(NULL, PAGES, PROT_READ | PROT_WRITE | PROT_EXEC,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t code = (uintptr_t)(low + 1);

	ASSERT_NE(MAP_FAILED, (void *)low);
	memcpy(low + 1, to_code32, end_code32 - to_code32);
	low->code = code + (code32 - to_code32);
	low->code_cs = 0x23;
	low->back = code + (from_code32 - to_code32);
	low->back_cs = 0x33;
	low->pid = getpid();
	set_data_segments(0x2b);
	move_begin();
	move_later(20);
	do
		run_code32(_metadata, low, 20);
	while (!move_done());
	run_code32(_metadata, low, 3);
	set_data_segments(0);
	munmap(low, PAGES);
}
