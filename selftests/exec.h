/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests that exec themselves: after exec_self(STAGE, ...) the program begins again, and
 * instead of the test after_exec() runs; what it returns is the exit status.
 */
#ifndef EXEC_H
#define EXEC_H

#include "move.h"
#include <sys/wait.h>

static int after_exec(const char *stage, int argc, char **argv);

/* Not true: say where, and be the exit status of the new program. */
#define CHECK(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "# %s:%d: not: %s (errno %d)\n", __FILE__, __LINE__, #cond, \
			errno); \
		return 1; \
	} \
} while (0)

static __attribute__((constructor)) void exec_began(int argc, char **argv)
{
	const char *stage = getenv("EXEC_STAGE");

	if (stage)
		exit(after_exec(stage, argc, argv));
}

/* The new program knows what the old one was asked about speed. Returns on failure only. */
static inline int exec_self_env(const char *stage, char **argv, char **more)
{
	static char *envp[64], name[64], slow[32];
	int n = 0;

	snprintf(name, sizeof(name), "EXEC_STAGE=%s", stage);
	snprintf(slow, sizeof(slow), "MOVE_SLOW=%d", move_slow());
	envp[n++] = name;
	envp[n++] = slow;
	while (more && *more && n < 63)
		envp[n++] = *more++;
	envp[n] = NULL;
	return execve("/proc/self/exe", argv, envp);
}

static inline int exec_self(const char *stage)
{
	char *argv[] = { "self", NULL };

	return exec_self_env(stage, argv, NULL);
}

/* The exit status of a child that execs, 128 and more if a signal ended it. */
static inline int exec_verdict(pid_t pid)
{
	int status = wait_for(pid);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
