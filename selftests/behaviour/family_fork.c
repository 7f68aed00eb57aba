// SPDX-License-Identifier: GPL-2.0
/*
 * A process with shared memory forks where it runs: parent, child and grandchild see what the others
 * write, in what was there before the move and in what is new, also after each further fork.
 */
#include "../move.h"
#include <stdatomic.h>
#include <sys/wait.h>

#define BYTES	(1UL << 19)
#define ROUNDS	6

static int grandchild(char *old, char *fresh, int round)
{
	if (pattern_check(fresh, BYTES, round + 1) != -1)
		return 2;
	pattern_fill(old, BYTES, round + 2);
	return 0;
}

static int child(char *old, char *fresh, int round)
{
	pid_t pid;

	if (pattern_check(old, BYTES, round) != -1)
		return 10;
	pattern_fill(fresh, BYTES, round + 1);
	pid = fork();
	if (!pid)
		_exit(grandchild(old, fresh, round));
	if (pid < 0 || wait_for(pid))
		return 11;
	return pattern_check(old, BYTES, round + 2) == -1 ? 0 : 12;
}

MOVE_TEST(family_fork)
{
	char *old, *fresh;
	pid_t pid;
	int i;

	old = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, old);
	pattern_fill(old, BYTES, 7);
	move_begin();
	for (i = 7; i < 7 + 2 * ROUNDS; i += 2) {
		move_here();
		fresh = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE(MAP_FAILED, fresh);
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child(old, fresh, i));
		ASSERT_EQ(0, wait_for(pid));
		ASSERT_EQ(-1, pattern_check(old, BYTES, i + 2));
		ASSERT_EQ(-1, pattern_check(fresh, BYTES, i + 1));
		ASSERT_EQ(0, munmap(fresh, BYTES));
	}
	EXPECT_EQ(0, munmap(old, BYTES));
}
