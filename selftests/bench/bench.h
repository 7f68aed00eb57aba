/* SPDX-License-Identifier: GPL-2.0 */
/* What the bench programs share. They are linked statically and print numbers only. */
#ifndef BENCH_H
#define BENCH_H

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
#define PAGE 4096UL

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static inline int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static int compare_ns(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The median; sorts @values. */
static inline int64_t median(int64_t *values, size_t count)
{
	if (!count)
		return 0;
	qsort(values, count, sizeof(*values), compare_ns);
	return values[count / 2];
}

/* @pages pages of memory, none of which is zero or equal to another. */
static inline unsigned char *touched_memory(size_t pages)
{
	unsigned char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t state = 88172645463325252ULL, *word;
	size_t i;

	if (memory == MAP_FAILED)
		err(1, "%zu pages of memory", pages);
	word = (uint64_t *)memory;
	for (i = 0; i < pages * PAGE / sizeof(*word); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		word[i] = state;
	}
	return memory;
}

/* Say that the program may be moved now, and wait until it has been. */
static inline void wait_moved(void)
{
	char text[512];
	const char *node, *home;
	ssize_t len;
	int fd;

	puts("ready");
	fflush(stdout);
	for (;;) {
		fd = open("/proc/self/migrate", O_RDONLY);
		len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (len < 0)
			err(1, "/proc/self/migrate");
		close(fd);
		text[len] = '\0';
		node = strstr(text, "node: ");
		home = strstr(text, "home: ");
		if (node && home && atoi(node + 6) != atoi(home + 6))
			return;
	}
}

#endif
