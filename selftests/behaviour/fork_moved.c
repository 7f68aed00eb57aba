// SPDX-License-Identifier: GPL-2.0
/*
 * A child that was forked away is a process like others: its parent moves it, home and on and back, while
 * it answers.
 */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(2 << 20)

static int child(char *p, int in, int out)
{
	int i, n, page;

	for (i = 0; read(in, &n, sizeof(n)) == sizeof(n); i++) {
		if (n != i)
			return 2;
		page = i * 37 % (BYTES / 4096);
		if (pattern_check(p + page * 4096, 4096, page) != -1)
			return 3;
		n = ~i;
		if (write(out, &n, sizeof(n)) != sizeof(n))
			return 4;
	}
	return 88;
}

MOVE_TEST(fork_moved)
{
	static const char * const route[] = { "home", "2", "home", "2", "home" };
	int to[2], from[2], i, r, n = 0, word;
	pid_t pid;
	char *p;

	if (access("/proc/self/migrate", F_OK))
		SKIP(return, "the module is not loaded");
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	for (i = 0; i < BYTES / 4096; i++)
		pattern_fill(p + i * 4096, 4096, i);
	ASSERT_EQ(0, pipe2(to, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(from, O_CLOEXEC));
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(to[1]);
		_exit(child(p, to[0], from[1]));
	}
	close(to[0]);
	for (r = 0; r < 5; r++) {
		for (i = 0; i < 10; i++, n++) {
			ASSERT_EQ((ssize_t)sizeof(n), write(to[1], &n, sizeof(n)));
			ASSERT_EQ((ssize_t)sizeof(word), read(from[0], &word, sizeof(word)));
			ASSERT_EQ(~n, word);
		}
		EXPECT_EQ(0, move_other(pid, route[r], 1));
	}
	close(to[1]);
	EXPECT_EQ(88 << 8, wait_for(pid));
	close(from[0]);
	close(from[1]);
	munmap(p, BYTES);
}
