// SPDX-License-Identifier: GPL-2.0
/*
 * From one remote node to another and back, with memory that was made or changed on each of them, and
 * children that stay where they were forked.
 */
#include "../move.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define BYTES	(1 << 20)

static char *map(void)
{
	char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* For each word, which comes after a move, is everything there? Return: what is not. */
static int child(int in, int out)
{
	char *p = map(), *half[2] = { p, p + BYTES / 2 }, *more, c;
	int go[2], i;
	pid_t kid;

	pattern_fill(half[0], BYTES / 2, 0);
	for (i = 1;; i++) {
		/* the other half may be elsewhere */
		pattern_fill(half[i % 2], BYTES / 2, i);
		more = map();
		pattern_fill(more, BYTES, 1000 + i);
		if (pipe(go))
			return 1;
		kid = fork();
		if (!kid) {
			close(go[1]);
			_exit(read(go[0], &c, 1) || pattern_check(more, BYTES, 1000 + i) != -1);
		}
		if (write(out, "r", 1) != 1 || read(in, &c, 1) != 1) {
			close(go[1]);
			return wait_for(kid);
		}
		if (pattern_check(half[i % 2], BYTES / 2, i) != -1 ||
		    pattern_check(half[!(i % 2)], BYTES / 2, i - 1) != -1 ||
		    pattern_check(more, BYTES, 1000 + i) != -1)
			return 2;
		close(go[0]);
		close(go[1]);
		if (wait_for(kid) || munmap(more, BYTES))
			return 3;
	}
}

MOVE_TEST(mem_hops)
{
	static const char * const to[] = { "3", "2", "3", "home", "2", "3", "home" };
	int in[2], out[2], i, err;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, pipe(out));
	pid = fork();
	if (!pid) {
		close(in[1]);
		move_begin();
		for (i = 0; i < 5; i++)
			move_here();
		move_stay();
		_exit(child(in[0], out[1]));
	}
	close(in[0]);
	for (i = 0; i < 7; i++) {
		ASSERT_EQ(1, read(out[0], &c, 1));
		err = move_other(pid, to[i], 1);
		EXPECT_TRUE(!err || err == ENOENT);
		ASSERT_EQ(1, write(in[1], "g", 1));
	}
	ASSERT_EQ(1, read(out[0], &c, 1));
	close(in[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(out[0]);
	close(out[1]);
}
