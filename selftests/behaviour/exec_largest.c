// SPDX-License-Identifier: GPL-2.0
/* The largest arguments that the kernel takes at all: almost 6 MiB. */
#include "../exec.h"
#include <sys/resource.h>

#define STRINGS	47
#define LEN	(128 * 1024 - 64)

static char text[LEN + 1];

static int after_exec(const char *stage, int argc, char **argv)
{
	int i;

	(void)stage;
	CHECK(argc == STRINGS);
	for (i = 0; i < STRINGS; i++)
		CHECK(strlen(argv[i]) == LEN && argv[i][i] == 'x' && argv[i][LEN - 1] == 'x');
	return 0;
}

MOVE_TEST(exec_largest)
{
	struct rlimit stack = { 64 << 20, RLIM_INFINITY };
	char *argv[STRINGS + 1] = {};
	pid_t pid;
	int i;

	memset(text, 'x', LEN);
	for (i = 0; i < STRINGS; i++)
		argv[i] = text;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (setrlimit(RLIMIT_STACK, &stack))
			_exit(2);
		move_begin();
		move_here();
		_exit(exec_self_env("full", argv, NULL));
	}
	EXPECT_EQ(0, exec_verdict(pid));
}
