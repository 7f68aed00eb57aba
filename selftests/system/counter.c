// SPDX-License-Identifier: GPL-2.0
/*
 * counter FILE [COUNT [MS [PROCESSES]]] - append the numbers from 1 on to FILE, one a line
 *
 * Sleeps MS milliseconds (default 2) after each. PROCESSES (default 1) take turns, by means of memory
 * that they share, which is a part of FILE.turn if there are several; one that ends ends all.
 * Keeps copies of what it has counted in memory, private and shared, and stops with status 3 when
 * these are not what they should be. Ends with status 0 after COUNT (0: never), or at SIGTERM after its line.
 * Two running copies, or none, cannot be missed in the file.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS	(1 << 17)

static uint64_t slots[SLOTS], *shared;
static volatile unsigned long *turn;	/* the number that is to be counted next */
static int processes = 1;
static volatile sig_atomic_t stop;

static void handler(int sig)
{
	(void)sig;
	stop = 1;
}

static uint64_t mix(uint64_t i)
{
	return i * 0x9e3779b97f4a7c15 ^ i >> 7;
}

/* What others have counted is in the shared copy only. */
static int slot_is_right(unsigned long at)
{
	if (slots[at] && slots[at] != mix(at))
		return 0;
	return slots[at] == shared[at] ||
	       (processes > 1 && !slots[at] && shared[at] == mix(at));
}

static int note(unsigned long at)
{
	if (!slot_is_right(at))
		return 3;
	slots[at] = mix(at);
	shared[at] = mix(at);
	return 0;
}

/* Make the other processes. Return: the number of this one. */
static int split(const char *path)
{
	char name[256];
	int i, fd = -1;

	if (processes > 1) {
		snprintf(name, sizeof(name), "%s.turn", path);
		fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || ftruncate(fd, 4096))
			exit(1);
	}
	turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | (processes > 1 ? 0 : MAP_ANONYMOUS), fd, 0);
	if (turn == MAP_FAILED)
		exit(1);
	if (fd >= 0)
		close(fd);
	*turn = 1;
	for (i = 1; i < processes; i++) {
		pid_t parent = getpid(), pid = fork();

		if (pid < 0)
			exit(1);
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			exit(1);
		return i;
	}
	return 0;
}

/* Wait for the turn of this process. Return: the number to count, 0 to stop. */
static unsigned long next(int me, unsigned long last)
{
	const struct timespec nap = { 0, 1000000 };

	if (processes == 1)
		return stop ? 0 : last + 1;
	while (!stop && (int)(*turn % processes) != me) {
		if (waitpid(-1, NULL, WNOHANG) > 0)
			exit(4);
		nanosleep(&nap, NULL);
	}
	return stop ? 0 : *turn;
}

int main(int argc, char **argv)
{
	unsigned long i, max = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, at;
	long ms = argc > 3 ? atol(argv[3]) : 2;
	struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };
	struct sigaction sa = { .sa_handler = handler };
	volatile double sum = 0;
	char line[32];
	int fd, n, me;

	if (argc < 2)
		return 2;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (fd < 0)
		return 1;
	shared = mmap(NULL, sizeof(slots), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	sigaction(SIGTERM, &sa, NULL);
	if (argc > 4)
		processes = atoi(argv[4]);
	me = split(argv[1]);
	for (i = 0; (i = next(me, i)) && (!max || i <= max);) {
		if (note(mix(i) % SLOTS))
			return 3;
		sum += 1.0 / i;
		n = snprintf(line, sizeof(line), "%lu\n", i);
		if (write(fd, line, n) != n)
			return 1;
		*turn = i + 1;
		nanosleep(&nap, NULL);
	}
	for (at = 0; at < SLOTS; at++)
		if (!slot_is_right(at))
			return 3;
	return sum < 1 && !me;
}
