// SPDX-License-Identifier: GPL-2.0
/* A handler that changes the saved registers changes the program; the mask comes back. */
#include "../move.h"
#include <ucontext.h>

static void handler(int sig, siginfo_t *info, void *uc)
{
	ucontext_t *ctx = uc;

	(void)sig;
	(void)info;
	ctx->uc_mcontext.gregs[REG_RBX] = 0xabcdef0123456789;
	ctx->uc_mcontext.gregs[REG_RIP] += 2;
	sigaddset(&ctx->uc_sigmask, SIGUSR2);
	move_here();
}

MOVE_TEST(signal_frame)
{
	sigset_t now;
	uint64_t rbx;

	on_signal(SIGILL, handler, 0);
	move_begin();
	move_here();
	asm volatile("xor %%ebx, %%ebx\n	ud2\n	mov %%rbx, %0\n" : "=a" (rbx) : : "rbx", "memory");
	EXPECT_EQ(0xabcdef0123456789, rbx);
	EXPECT_EQ(0, sigprocmask(SIG_SETMASK, NULL, &now));
	EXPECT_EQ(1, sigismember(&now, SIGUSR2));
	EXPECT_EQ(0, sigismember(&now, SIGILL));
	sigemptyset(&now);
	EXPECT_EQ(0, sigprocmask(SIG_SETMASK, &now, NULL));
	signal(SIGILL, SIG_DFL);
}
