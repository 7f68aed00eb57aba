// SPDX-License-Identifier: GPL-2.0
/*
 * A program is moved while it is in a handler on its alternate stack, two frames deep, and returns from
 * there to the registers that it had: with and without SS_AUTODISARM.
 */
#include "../move.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM	(1U << 31)
#endif

static char stack[65536] __attribute__((aligned(64)));
static volatile int want, bad;

static void handler(int sig, siginfo_t *info, void *context)
{
	unsigned int csr = 0x1f80;
	stack_t now;
	char here;

	(void)info;
	(void)context;
	asm volatile("pcmpeqd %%xmm7, %%xmm7\n ldmxcsr %0" : : "m"(csr) : "xmm7");
	if (sig == SIGUSR1)
		raise(SIGUSR2);
	else
		move_here();
	bad += &here < stack || &here >= stack + sizeof(stack);
	bad += sigaltstack(NULL, &now) || (now.ss_flags & ~(int)SS_AUTODISARM) != want;
}

/* Return: 0, or what is wrong. */
static int run(int flags)
{
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = flags }, now;
	uint64_t id = 0x1234567887654321, got, pid = getpid();
	unsigned int csr = 0x7f80, after, normal = 0x1f80;
	long ret = SYS_kill;

	bad = 0;
	want = flags ? SS_DISABLE : SS_ONSTACK;
	on_signal(SIGUSR1, handler, SA_ONSTACK);
	on_signal(SIGUSR2, handler, SA_ONSTACK);
	if (sigaltstack(&ss, NULL))
		return 1;
	asm volatile("ldmxcsr %3\n movq %4, %%xmm7\n syscall\n movq %%xmm7, %0\n stmxcsr %1\n ldmxcsr %7"
		     : "=&r"(got), "=m"(after), "+a"(ret)
		     : "m"(csr), "r"(id), "D"(pid), "S"((long)SIGUSR1), "m"(normal)
		     : "rcx", "r11", "xmm7", "memory");
	if (bad || ret || got != id || after != csr)
		return 2;
	if (sigaltstack(NULL, &now) || now.ss_flags != flags || now.ss_sp != stack)
		return 3;
	ss.ss_flags = SS_DISABLE;
	return sigaltstack(&ss, NULL) ? 4 : 0;
}

MOVE_TEST(sigaltstack_moved)
{
	move_begin();
	EXPECT_EQ(0, run(0));
	EXPECT_EQ(0, run((int)SS_AUTODISARM));
}
