// SPDX-License-Identifier: GPL-2.0
/* The program is a tracer: it comes home for each ptrace(), and what it traces sees no difference. */
#include "../move.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

static volatile uint64_t word, stop;

MOVE_TEST(proc_tracer)
{
	struct user_regs_struct regs = { 0 };
	int status, ready[2];
	char byte = 'r';
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	word = stop = 0;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		word = 1234;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		while (!stop)
			;
		_exit(word == 5678 ? 0 : 2);
	}
	move_begin();
	move_here();
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	move_here();
	EXPECT_EQ(0, ptrace(PTRACE_GETREGS, pid, NULL, &regs));
	EXPECT_NE(0, regs.rip);
	EXPECT_EQ(1234, ptrace(PTRACE_PEEKDATA, pid, &word, NULL));
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, &word, 5678));
	EXPECT_EQ(0, ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(SIGTRAP, WSTOPSIG(status));
	move_here();
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, &stop, 1));
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, pid, NULL, NULL));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	EXPECT_EQ(ESRCH, errno);
	close(ready[0]);
	close(ready[1]);
}
