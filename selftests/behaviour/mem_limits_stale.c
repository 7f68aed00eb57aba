// SPDX-License-Identifier: GPL-2.0
/*
 * A program lives within its limits of memory wherever it is: what it has unmapped does not count,
 * and a limit that somebody else sets holds soon.
 */
#include "../move.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define MIB	(1UL << 20)

static unsigned long size(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%lu", &pages) != 1)
		abort();
	fclose(file);
	return pages * 4096;
}

static char *map(unsigned long len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Another process sets the limit: for the children, too, it is somebody else who has done it. */
static void limit_by_other(rlim_t most)
{
	struct rlimit limit = { most, RLIM_INFINITY };
	pid_t pid = fork();

	if (!pid)
		_exit(prlimit(getppid(), RLIMIT_AS, &limit, NULL) != 0);
	waitpid(pid, NULL, 0);
}

MOVE_TEST(mem_limits_stale)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *old = map(96 * MIB), *fresh, *more;
	struct rlimit limit = { 0, RLIM_INFINITY };
	int64_t end;

	ASSERT_NE(MAP_FAILED, old);
	old[5] = 5;
	limit.rlim_cur = size() + 48 * MIB;
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &limit));
	move_begin();
	move_here();
	ASSERT_EQ(0, munmap(old, 96 * MIB));
	fresh = map(128 * MIB);
	ASSERT_NE(MAP_FAILED, fresh);
	fresh[7] = 7;
	EXPECT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	/* this is made at home */
	EXPECT_EQ((void *)-1, shmat(-1, NULL, 0));
	EXPECT_EQ(7, fresh[7]);
	EXPECT_EQ(MAP_FAILED, map(96 * MIB));
	EXPECT_EQ(ENOMEM, errno);
	limit_by_other(size() + 8 * MIB);
	end = now_ms() + WAIT_MS;
	while ((more = map(16 * MIB)) != MAP_FAILED && now_ms() < end) {
		munmap(more, 16 * MIB);
		getppid();
	}
	EXPECT_EQ(MAP_FAILED, more);
	limit_by_other(RLIM_INFINITY);
	end = now_ms() + WAIT_MS;
	while ((more = map(16 * MIB)) == MAP_FAILED && now_ms() < end)
		getppid();
	EXPECT_NE(MAP_FAILED, more);
	move_end();
	munmap(more, 16 * MIB);
	munmap(fresh, 128 * MIB);
	close(fd);
}
