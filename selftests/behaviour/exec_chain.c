// SPDX-License-Identifier: GPL-2.0
/* A program execs itself 20 times, each time with some memory, while it may be moved. */
#include "../exec.h"

#define BYTES	(1 << 20)

static int go_on(int n)
{
	char text[16], *argv[] = { "self", text, NULL };
	char *p;

	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	pattern_fill(p, BYTES, n);
	if (!(n % 5))
		move_here();
	CHECK(pattern_check(p, BYTES, n) == -1);
	snprintf(text, sizeof(text), "%d", n);
	return exec_self_env("chain", argv, NULL);
}

static int after_exec(const char *stage, int argc, char **argv)
{
	int n;

	(void)stage;
	CHECK(argc == 2);
	n = atoi(argv[1]);
	return n == 20 ? 17 : go_on(n + 1);
}

MOVE_TEST(exec_chain)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		move_begin();
		_exit(go_on(1));
	}
	EXPECT_EQ(17, exec_verdict(pid));
}
