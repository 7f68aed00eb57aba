// SPDX-License-Identifier: GPL-2.0
/* Overrunning a mapping with a PROT_NONE guard, and the stack's limit, give SIGSEGV. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static volatile int deepest = 1 << 30;

static __attribute__((noinline)) int overflow(int n)
{
	volatile char frame[4096];

	frame[0] = n;
	if (n == deepest)
		return n;
	frame[4095] = overflow(n + 1);
	return frame[0] + frame[4095];
}

static void child(struct __test_metadata *_metadata, int which)
{
	struct rlimit stack = { 1 << 20, RLIM_INFINITY }, none = { 0, 0 };
	volatile char *area;

	setrlimit(RLIMIT_CORE, &none);
	if (which)
		setrlimit(RLIMIT_STACK, &stack);
	area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mprotect((char *)area + 4096, 4096, PROT_NONE))
		_exit(1);
	move_begin();
	move_here();
	area[4095] = 1;
	if (which)
		_exit(overflow(0) != 0);
	area[4096] = 1;
	_exit(2);
}

MOVE_TEST(mem_guard)
{
	int which, status;
	pid_t pid;

	for (which = 0; which < 2; which++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child(_metadata, which);
		status = wait_for(pid);
		ASSERT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	}
}
