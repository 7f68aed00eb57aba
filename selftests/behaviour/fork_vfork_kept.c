// SPDX-License-Identifier: GPL-2.0
/*
 * The child of vfork() is in its parent's memory: it sees also what a fork does not copy, and does so
 * when a call has brought it home.
 */
#include "../move.h"
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define LEN	(2 << 20)

static char *map(int advice)
{
	char *p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, LEN, advice))
		abort();
	memset(p, 9, LEN);
	return p;
}

static int sum(const char *p)
{
	int n = 0, i;

	for (i = 0; i < LEN; i += 4096)
		n += p[i];
	return n;
}

MOVE_TEST(fork_vfork_kept)
{
	char *keep = map(MADV_DONTFORK), *wipe = map(MADV_WIPEONFORK);
	int status;
	pid_t pid;

	move_begin();
	move_here();
	pid = vfork();
	if (!pid) {
		/* this is made at home */
		syscall(SYS_shmat, -1, NULL, 0);
		_exit(sum(keep) == 9 * LEN / 4096 && sum(wipe) == 9 * LEN / 4096 ? 7 : 8);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(7 << 8, status);
	pid = fork();
	if (!pid)
		_exit(sum(wipe));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	munmap(keep, LEN);
	munmap(wipe, LEN);
}
