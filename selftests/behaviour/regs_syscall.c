// SPDX-License-Identifier: GPL-2.0
/* A move inside a blocking call keeps every register that a system call keeps. */
#include "../move.h"

uint64_t in[10], out[10];

/* read(fd, buf, 1) with rbx, rbp, r8 to r10, r12 to r15 loaded; rdi, rsi, rdx are checked too. */
static long read_with_regs(int fd, char *buf, uint64_t *args)
{
	register long ret asm("rax") = __NR_read;

	asm volatile(
	"	push %%rbp\n"
	"	mov in+0(%%rip), %%rbx\n	mov in+8(%%rip), %%rbp\n"
	"	mov in+16(%%rip), %%r8\n	mov in+24(%%rip), %%r9\n"
	"	mov in+32(%%rip), %%r10\n	mov in+40(%%rip), %%r12\n"
	"	mov in+48(%%rip), %%r13\n	mov in+56(%%rip), %%r14\n"
	"	mov in+64(%%rip), %%r15\n"
	"	syscall\n"
	"	mov %%rbx, out+0(%%rip)\n	mov %%rbp, out+8(%%rip)\n"
	"	mov %%r8, out+16(%%rip)\n	mov %%r9, out+24(%%rip)\n"
	"	mov %%r10, out+32(%%rip)\n	mov %%r12, out+40(%%rip)\n"
	"	mov %%r13, out+48(%%rip)\n	mov %%r14, out+56(%%rip)\n"
	"	mov %%r15, out+64(%%rip)\n"
	"	pop %%rbp\n"
	: "+a" (ret), "=D" (args[0]), "=S" (args[1]), "=d" (args[2])
	: "1" ((uint64_t)fd), "2" (buf), "3" (1UL)
	: "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	return ret;
}

MOVE_TEST(regs_syscall)
{
	struct move_msg msg = { .op = MOVE_HERE, .pid = getpid() };
	uint64_t args[3];
	int pipefd[2], i;
	char byte = 0;

	for (i = 0; i < 9; i++)
		in[i] = pattern(i);
	ASSERT_EQ(0, pipe(pipefd));
	move_begin();
	/* Without a mover, or with one: the answer that read() waits for comes after the move. */
	if (write(MOVE_FD, &msg, sizeof(msg)) == sizeof(msg)) {
		ASSERT_EQ(1, read_with_regs(MOVE_FD, &byte, args));
	} else {
		ASSERT_EQ(1, write(pipefd[1], "\1", 1));
		ASSERT_EQ(1, read_with_regs(pipefd[0], &byte, args));
	}
	EXPECT_EQ(1, byte);
	EXPECT_EQ((uint64_t)&byte, args[1]);
	EXPECT_EQ(1, args[2]);
	for (i = 0; i < 9; i++)
		EXPECT_EQ(in[i], out[i]);
	close(pipefd[0]);
	close(pipefd[1]);
}
