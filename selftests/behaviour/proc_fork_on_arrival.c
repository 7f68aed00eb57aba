// SPDX-License-Identifier: GPL-2.0
/*
 * fork() right after a move, while most pages are still on their way: the child has all of the
 * memory as it was, and what one writes the other does not see.
 */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(3 << 20)

static int child(char *p, int go, int seed)
{
	char byte;

	if (read(go, &byte, 1) != 1)	/* the parent has written to it all */
		return 2;
	if (pattern_check(p, BYTES, seed) != -1)
		return 3;
	pattern_fill(p, BYTES, seed + 1);
	return pattern_check(p, BYTES, seed + 1) == -1 ? 0 : 4;
}

MOVE_TEST(proc_fork_on_arrival)
{
	int fds[2], i, status;
	pid_t pid;
	char *p;

	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, pipe(fds));
	move_begin();
	for (i = 0; i < 4; i++) {
		pattern_fill(p, BYTES, i);
		move_here();
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child(p, fds[0], i));
		pattern_fill(p, BYTES, i + 100);
		ASSERT_EQ(1, write(fds[1], "g", 1));
		status = wait_for(pid);
		EXPECT_TRUE(WIFEXITED(status));
		EXPECT_EQ(0, WEXITSTATUS(status));
		EXPECT_EQ(-1, pattern_check(p, BYTES, i + 100));
	}
	close(fds[0]);
	close(fds[1]);
	munmap(p, BYTES);
}
