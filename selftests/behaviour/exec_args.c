// SPDX-License-Identifier: GPL-2.0
/* Arguments and environment of an exec arrive as they were: long ones, many, empty ones, none. */
#include "../exec.h"
#include <linux/binfmts.h>

#define MANY	20000
#define LONG	(128 * 1024 - 1)	/* without the NUL: the longest that is allowed */

static void fill(char *s, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		s[i] = 'a' + (i * 7 + seed) % 26;
	s[len] = 0;
}

static int is(const char *s, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] != (char)('a' + (i * 7 + seed) % 26))
			return 0;
	return !s[len];
}

static int after_exec(const char *stage, int argc, char **argv)
{
	char want[32];
	int i;

	if (!strcmp(stage, "long")) {
		CHECK(argc == 4);
		for (i = 0; i < 4; i++)
			CHECK(is(argv[i], LONG, i));
		CHECK(is(getenv("LONG"), LONG - 5, 9));
	} else if (!strcmp(stage, "many")) {
		CHECK(argc == MANY);
		for (i = 0; i < MANY; i++) {
			snprintf(want, sizeof(want), "%d", i);
			CHECK(!strcmp(argv[i], want));
		}
	} else if (!strcmp(stage, "empty")) {
		CHECK(argc == 3 && !*argv[0] && !strcmp(argv[1], "x") && !*argv[2] && !argv[3]);
		CHECK(getenv("NONE") && !*getenv("NONE"));
	}
	return 0;
}

static int run_long(void)
{
	static char text[5][LONG + 1];
	char *argv[5] = {}, *envp[] = { text[4], NULL };
	int i;

	for (i = 0; i < 4; i++) {
		fill(text[i], LONG, i);
		argv[i] = text[i];
	}
	memcpy(text[4], "LONG=", 5);
	fill(text[4] + 5, LONG - 5, 9);
	move_here();
	return exec_self_env("long", argv, envp);
}

static int run_many(void)
{
	static char text[MANY][8], *argv[MANY + 1];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof(text[i]), "%d", i);
		argv[i] = text[i];
	}
	move_here();
	return exec_self_env("many", argv, NULL);
}

static int run_empty(void)
{
	char *argv[] = { "", "x", "", NULL }, *envp[] = { "NONE=", NULL };

	move_here();
	return exec_self_env("empty", argv, envp);
}

/* No environment, and no arguments: the kernel makes an empty first one. */
static int run_none(void)
{
	move_here();
	syscall(SYS_execve, "/bin/true", NULL, NULL);
	return 1;
}

MOVE_TEST(exec_args)
{
	static int (*const run[])(void) = { run_long, run_many, run_empty, run_none };
	unsigned int i;
	pid_t pid;

	for (i = 0; i < 4; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			move_begin();
			_exit(run[i]());
		}
		EXPECT_EQ(0, exec_verdict(pid));
	}
}
