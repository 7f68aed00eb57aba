// SPDX-License-Identifier: GPL-2.0
/* The alternate signal stack is kept, and handlers run on it. */
#include "../move.h"

static char stack[65536];
static volatile uintptr_t where;

static void handler(int sig, siginfo_t *info, void *uc)
{
	volatile char local = 0;

	(void)sig;
	(void)info;
	(void)uc;
	where = (uintptr_t)&local;
}

MOVE_TEST(sigaltstack)
{
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) }, old;

	ASSERT_EQ(0, sigaltstack(&ss, NULL));
	on_signal(SIGUSR1, handler, SA_ONSTACK);
	where = 0;
	move_begin();
	move_here();
	EXPECT_EQ(0, sigaltstack(NULL, &old));
	EXPECT_EQ((void *)stack, old.ss_sp);
	EXPECT_EQ(sizeof(stack), old.ss_size);
	EXPECT_EQ(0, old.ss_flags);
	EXPECT_EQ(0, raise(SIGUSR1));
	EXPECT_GE(where, (uintptr_t)stack);
	EXPECT_LT(where, (uintptr_t)stack + sizeof(stack));
	ss.ss_flags = SS_DISABLE;
	EXPECT_EQ(0, sigaltstack(&ss, NULL));
	move_here();
	EXPECT_EQ(0, sigaltstack(NULL, &old));
	EXPECT_EQ(SS_DISABLE, old.ss_flags);
	signal(SIGUSR1, SIG_DFL);
}
