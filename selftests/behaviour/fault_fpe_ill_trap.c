// SPDX-License-Identifier: GPL-2.0
/* SIGFPE, SIGILL and SIGTRAP raised by the processor carry the right codes. */
#include "../move.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf out;
static volatile int code, signo;
static volatile uintptr_t where, ip;

static void handler(int sig, siginfo_t *info, void *uc)
{
	signo = sig;
	code = info->si_code;
	where = (uintptr_t)info->si_addr;
	ip = ((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP];
	siglongjmp(out, 1);
}

MOVE_TEST(fault_fpe_ill_trap)
{
	on_signal(SIGFPE, handler, 0);
	on_signal(SIGILL, handler, 0);
	on_signal(SIGTRAP, handler, 0);
	move_begin();
	move_here();
	if (!sigsetjmp(out, 1)) {
		int zero = 0, one = 1;

		asm volatile("cltd\n	idivl %1\n" : "+a" (one) : "r" (zero) : "edx");
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SIGFPE, signo);
	EXPECT_EQ(FPE_INTDIV, code);
	EXPECT_EQ(ip, where);
	if (!sigsetjmp(out, 1)) {
		asm volatile("ud2");
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SIGILL, signo);
	EXPECT_EQ(ILL_ILLOPN, code);
	EXPECT_EQ(ip, where);
	if (!sigsetjmp(out, 1)) {
		asm volatile("int3");
		EXPECT_TRUE(0);
	}
	EXPECT_EQ(SIGTRAP, signo);
	EXPECT_EQ(SI_KERNEL, code);
	signal(SIGFPE, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
}
