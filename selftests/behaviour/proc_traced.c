// SPDX-License-Identifier: GPL-2.0
/*
 * A debugger attaches to the program, wherever it is: it stops, and its registers and its memory are
 * those of the program, not of what is left of it at home. Then it goes on.
 */
#include "../move.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

static volatile uint64_t magic, seen, stop;	/* at the same place in both */

static void count(void)
{
	while (!stop)
		seen++;
}

static void child(struct __test_metadata *_metadata, int ready, int in_call)
{
	int moves;
	char byte = 'r';

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	magic = 0x1234567887654321;	/* only where it runs now */
	move_stay();
	if (write(ready, &byte, 1) != 1)
		_exit(1);
	if (in_call)
		while (!stop)
			usleep(20000);
	else
		count();
	_exit(magic == 0xfeedface ? 0 : 2);
}

/* Look at it and change it, as a debugger does. 0 or the number of what was wrong. */
static int debug(pid_t pid, int seize)
{
	struct user_regs_struct regs;
	int status;

	if (ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, pid, NULL, NULL))
		return 1;
	if (seize && ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return 2;
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return 3;
	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs))
		return 4;
	errno = 0;
	/* the text is the same in both */
	if (ptrace(PTRACE_PEEKTEXT, pid, regs.rip, NULL) == -1 && errno)
		return 5;
	if ((uint64_t)ptrace(PTRACE_PEEKDATA, pid, &magic, NULL) != 0x1234567887654321)
		return 6;
	if (ptrace(PTRACE_POKEDATA, pid, &magic, 0xfeedface))
		return 7;
	/* one instruction, if it is in the program */
	if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) || waitpid(pid, &status, __WALL) != pid)
		return 8;
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		return 9;
	if (ptrace(PTRACE_POKEDATA, pid, &stop, 1))
		return 10;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? 11 : 0;
}

MOVE_TEST(proc_traced)
{
	int ready[2], i;
	char byte;
	pid_t pid;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child(_metadata, ready[1], i & 1);
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		EXPECT_EQ(0, debug(pid, i & 2));
		EXPECT_EQ(0, wait_for(pid));
		close(ready[0]);
		close(ready[1]);
	}
}
