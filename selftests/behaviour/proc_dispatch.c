// SPDX-License-Identifier: GPL-2.0
/* A program that has its system calls dispatched to itself is told of each, wherever it has been. */
#include "../move.h"
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH	59
#define PR_SYS_DISPATCH_OFF		0
#define PR_SYS_DISPATCH_ON		1
#endif

static volatile char selector;
static volatile int calls;

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	selector = 0;
	calls++;
	uc->uc_mcontext.gregs[REG_RAX] = 1000 + info->si_syscall;
}

MOVE_TEST(proc_dispatch)
{
	long got;

	on_signal(SIGSYS, on_sigsys, 0);
	calls = 0;
	move_begin();
	move_here();
	move_stay();
	ASSERT_EQ(0, prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector));
	selector = 1;
	got = syscall(SYS_getppid);
	EXPECT_EQ(1000 + SYS_getppid, got);
	EXPECT_EQ(1, calls);
	EXPECT_EQ(getppid(), syscall(SYS_getppid));
	ASSERT_EQ(0, prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0));
	EXPECT_EQ(1, calls);
}
