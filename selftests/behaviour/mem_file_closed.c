// SPDX-License-Identifier: GPL-2.0
/*
 * A file is open as long as it is mapped: a lock that was taken on it before its descriptor was
 * closed holds until the last mapping is gone, wherever that was made, and not longer.
 */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "../move.h"

#define BYTES	16384

/* Does somebody hold the lock? 1: yes, 0: no, -1: it cannot be told. */
static int locked(void)
{
	int fd = open("file", O_RDWR), err;

	if (fd < 0)
		return -1;
	err = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
	close(fd);
	return !err ? 0 : err == EWOULDBLOCK ? 1 : -1;
}

/* Lock and map the file, and close it. */
static char *map_locked(int prot)
{
	int fd = open("file", O_RDWR);
	char *map = MAP_FAILED;

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
		map = mmap(NULL, BYTES, prot, MAP_PRIVATE, fd, 0);
	close(fd);
	return map;
}

/* A child has it too: the last of the two ends it. */
static void both_unmap(struct __test_metadata *_metadata, char *map)
{
	int go[2], done[2], status;
	pid_t child;
	char c = 0;

	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(done));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		if (read(go[0], &c, 1) != 1 || map[0] != 'f' || munmap(map, BYTES))
			_exit(1);
		if (write(done[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(0);
	}
	EXPECT_EQ('f', map[0]);
	EXPECT_EQ(0, munmap(map, BYTES));
	EXPECT_EQ(1, locked());
	EXPECT_EQ(1, write(go[1], &c, 1));
	EXPECT_EQ(1, read(done[0], &c, 1));
	EXPECT_EQ(0, locked());
	EXPECT_EQ(1, write(go[1], &c, 1));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

MOVE_TEST(mem_file_closed)
{
	static char data[BYTES];
	char *map, *moved;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	memset(data, 'f', sizeof(data));
	ASSERT_EQ(BYTES, write(fd, data, BYTES));
	ASSERT_EQ(0, close(fd));
	map = map_locked(PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, map);
	map[4096] = 'x';
	move_begin();
	move_here();
	/* mapped before the move */
	EXPECT_EQ(1, locked());
	EXPECT_EQ(0, munmap(map, BYTES / 2));
	EXPECT_EQ(1, locked());
	EXPECT_EQ(0, munmap(map + BYTES / 2, BYTES / 2));
	EXPECT_EQ(0, locked());
	/* mapped after it, and again in its place */
	map = map_locked(PROT_READ);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(1, locked());
	EXPECT_EQ(map, mmap(map, BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(0, locked());
	EXPECT_EQ(0, munmap(map, BYTES));
	/* moved to another address */
	map = map_locked(PROT_READ);
	ASSERT_NE(MAP_FAILED, map);
	moved = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, moved);
	EXPECT_EQ(moved, mremap(map, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, moved));
	EXPECT_EQ('f', moved[0]);
	move_here();
	EXPECT_EQ(1, locked());
	EXPECT_EQ('f', moved[4096]);
	EXPECT_EQ(0, munmap(moved, BYTES));
	EXPECT_EQ(0, locked());
	map = map_locked(PROT_READ);
	ASSERT_NE(MAP_FAILED, map);
	both_unmap(_metadata, map);
}
