// SPDX-License-Identifier: GPL-2.0
/*
 * counter FILE [COUNT [MS]] - append the numbers from 1 on to FILE, one a line
 *
 * Sleeps MS milliseconds (default 2) after each.
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
#include <time.h>
#include <unistd.h>

#define SLOTS	(1 << 17)

static uint64_t slots[SLOTS], *shared;
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

static int note(unsigned long at)
{
	if ((slots[at] && slots[at] != mix(at)) || slots[at] != shared[at])
		return 3;
	slots[at] = mix(at);
	shared[at] = mix(at);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long i, max = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, at;
	long ms = argc > 3 ? atol(argv[3]) : 2;
	struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };
	struct sigaction sa = { .sa_handler = handler };
	volatile double sum = 0;
	char line[32];
	int fd, n;

	if (argc < 2)
		return 2;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (fd < 0)
		return 1;
	shared = mmap(NULL, sizeof(slots), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	sigaction(SIGTERM, &sa, NULL);
	for (i = 1; (!max || i <= max) && !stop; i++) {
		if (note(mix(i) % SLOTS))
			return 3;
		sum += 1.0 / i;
		n = snprintf(line, sizeof(line), "%lu\n", i);
		if (write(fd, line, n) != n)
			return 1;
		nanosleep(&nap, NULL);
	}
	for (at = 0; at < SLOTS; at++)
		if ((slots[at] && slots[at] != mix(at)) || slots[at] != shared[at])
			return 3;
	return sum < 1;
}
