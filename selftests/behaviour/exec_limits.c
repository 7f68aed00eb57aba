// SPDX-License-Identifier: GPL-2.0
/* An exec whose arguments are too much, or not there, fails, and the program goes on. */
#include "../exec.h"
#include <sys/resource.h>

#define MAX_STRING	(128 * 1024)

static char *bad;	/* nothing is there */

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)stage;
	return argc != 16 || strlen(argv[15]) != MAX_STRING - 1;
}

static int try(char **argv, char **envp)
{
	errno = 0;
	execve("/bin/true", argv, envp);
	return errno;
}

/* A string that ends where the page does, with no NUL. */
static char *unterminated(void)
{
	memset(bad - 16, 'x', 16);
	return bad - 16;
}

static int faults(void)
{
	char *none[] = { NULL }, *good[] = { "true", NULL };
	char *one[] = { "true", bad, NULL }, *cut[] = { unterminated(), NULL };
	char **array = (char **)(bad - 2 * sizeof(char *));

	CHECK(try((char **)bad, none) == EFAULT);
	CHECK(try(good, (char **)bad) == EFAULT);
	CHECK(try((char **)-4096L, none) == EFAULT);
	CHECK(try(one, none) == EFAULT);
	CHECK(try(good, one) == EFAULT);
	CHECK(try(cut, none) == EFAULT);
	/* the array ends without a NULL */
	array[0] = "true";
	array[1] = "x";
	CHECK(try(array, none) == EFAULT);
	errno = 0;
	CHECK(execve(bad, good, none) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_execve, NULL, good, none) == -1 && errno == EFAULT);
	return 0;
}

static int too_much(char *text)
{
	static char *argv[200];
	char *none[] = { NULL };
	int i;

	/* one string by one byte */
	memset(text, 'x', MAX_STRING);
	text[MAX_STRING] = 0;
	argv[0] = "true";
	argv[1] = text;
	CHECK(try(argv, none) == E2BIG);
	CHECK(try(none, argv) == E2BIG);
	/* all of them: a quarter of the stack's limit, and 6 MiB at most */
	text[MAX_STRING - 1] = 0;
	for (i = 0; i < 199; i++)
		argv[i] = text;
	argv[16] = NULL;
	CHECK(try(argv, none) == E2BIG);
	argv[16] = text;
	argv[60] = NULL;
	CHECK(try(argv, none) == E2BIG);
	argv[60] = text;
	CHECK(try(argv, none) == E2BIG);
	/* just enough */
	argv[16] = NULL;
	argv[0] = "x";
	return exec_self_env("full", argv, NULL);
}

static int child(struct __test_metadata *_metadata)
{
	struct rlimit stack = { 8 << 20, RLIM_INFINITY };
	char *p, *text;

	p = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	bad = p + (1 << 20);
	CHECK(!munmap(bad, 1 << 20));
	text = p;
	CHECK(!setrlimit(RLIMIT_STACK, &stack));
	move_begin();
	move_here();
	CHECK(!faults());
	return too_much(text);
}

MOVE_TEST(exec_limits)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, exec_verdict(pid));
}
