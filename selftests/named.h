/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of files that are mapped to be written, by a child that is moved, and that others open by
 * their names. NAMED_DIR says where they are: on a disk, or (unset) in shared memory.
 */
#ifndef NAMED_H
#define NAMED_H

#include "move.h"
#include <sys/wait.h>

#define NAMED_BYTES	(64UL << 12)
#define NAMED_HALF	(NAMED_BYTES / 2)

static char named_path[256];

static inline void named_begin(void)
{
	const char *dir = getenv("NAMED_DIR");

	snprintf(named_path, sizeof(named_path), "%s/named.%d", dir ? dir : "/dev/shm", getpid());
}

/* Open the file, and make it if need be. */
static inline int named_open(void)
{
	int fd = open(named_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, NAMED_BYTES))
		abort();
	return fd;
}

/* Map all of it; no descriptor stays. */
static inline char *named_map(void)
{
	int fd = named_open();
	char *p = mmap(NULL, NAMED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		abort();
	close(fd);
	return p;
}

/* The first wrong byte of a part of the file, as others read it, or -1. */
static inline long named_check(off_t from, size_t bytes, uint64_t seed)
{
	int fd = open(named_path, O_RDONLY | O_CLOEXEC);
	char *data = malloc(bytes);
	long bad;

	if (fd < 0 || !data || pread(fd, data, bytes, from) != (ssize_t)bytes)
		abort();
	close(fd);
	bad = pattern_check(data, bytes, seed);
	free(data);
	return bad;
}

/* Write one half of the file at home and the other one where the process is moved to; it stays there. */
static inline void named_write_away(void)
{
	char *p = named_map();

	pattern_fill(p, NAMED_HALF, 1);
	move_ask(MOVE_BEGIN, 0);
	move_here();
	pattern_fill(p + NAMED_HALF, NAMED_HALF, 2);
	move_stay();
}

/* Two processes take turns: one waits for the other. */
static inline void named_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC))
		abort();
}

static inline void named_go(int fds[2])
{
	if (write(fds[1], "", 1) != 1)
		abort();
}

static inline void named_wait(int fds[2])
{
	char byte;

	while (read(fds[0], &byte, 1) != 1)
		if (errno != EINTR)
			abort();
}

#endif
