// SPDX-License-Identifier: GPL-2.0
/*
 * forks MIB - what it costs to make processes
 *
 * Touches MIB of memory and measures at home; says "ready", waits until it has been moved, touches
 * the memory again so that it is there, gives it some seconds to be made of huge pages again, and
 * measures anew. Prints "FORK SPAWN FORK SPAWN", medians in
 * ns at home and away. FORK: until fork() has returned in the parent. SPAWN: from posix_spawn() of
 * this program, which ends at once, until it has been waited for.
 */
#include <spawn.h>
#include <sys/wait.h>
#include "bench.h"

#define ROUNDS		15
#define SETTLE_S	5

extern char **environ;

static void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "a child has failed");
}

static int64_t fork_ns(void)
{
	int64_t start = now_ns(), took;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	took = now_ns() - start;
	if (pid < 0)
		err(1, "fork");
	reap(pid);
	return took;
}

static int64_t spawn_ns(const char *self)
{
	char *argv[] = { "forks", NULL };
	int64_t start = now_ns();
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, argv, environ))
		errx(1, "posix_spawn of %s", self);
	reap(pid);
	return now_ns() - start;
}

static void measure(const char *self, int64_t *result)
{
	int64_t forks[ROUNDS], spawns[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		forks[i] = fork_ns();
		spawns[i] = spawn_ns(self);
	}
	result[0] = median(forks, ROUNDS);
	result[1] = median(spawns, ROUNDS);
}

int main(int argc, char **argv)
{
	volatile unsigned char *memory;
	int64_t home[2], away[2];
	size_t pages, i;

	if (argc == 1)
		return 0;
	pages = strtoul(argv[1], NULL, 10) << 8;
	memory = touched_memory(pages);
	measure(argv[0], home);
	wait_moved();
	for (i = 0; i < pages; i++)
		(void)memory[i * PAGE];
	sleep(SETTLE_S);
	measure(argv[0], away);
	printf("%lld %lld %lld %lld\n", (long long)home[0], (long long)home[1], (long long)away[0],
	       (long long)away[1]);
	return 0;
}
