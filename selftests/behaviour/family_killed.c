// SPDX-License-Identifier: GPL-2.0
/* Members of a family that share memory are killed while the family moves: the others go on. */
#include "../move.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define N	3

/* Whoever wrote into the pipe has counted without a gap: the last number. */
static uint64_t counted(struct __test_metadata *_metadata, int in)
{
	uint64_t n[512], last = 0;
	ssize_t k, len;

	while ((len = read(in, n, sizeof(n))) > 0) {
		ASSERT_EQ(0, len % sizeof(*n));
		for (k = 0; k < len / (ssize_t)sizeof(*n); k++, last++)
			ASSERT_EQ(last + 1, n[k]);
	}
	return last;
}

static void count(volatile uint64_t *to, int out)
{
	uint64_t n;

	do
		n = ++*to;
	while (write(out, &n, sizeof(n)) == sizeof(n));
	_exit(1);
}

MOVE_TEST(family_killed)
{
	volatile uint64_t *c = mmap(NULL, N * 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t last;
	int fds[N][2], i, k, round;
	pid_t pid[N];

	ASSERT_NE(MAP_FAILED, (void *)c);
	move_begin();
	for (round = 0; round < 4; round++) {
		for (i = 0; i < N; i++) {
			c[i * 512] = 0;
			ASSERT_EQ(0, pipe(fds[i]));
			pid[i] = fork();
			ASSERT_LE(0, pid[i]);
			if (!pid[i])
				count(c + i * 512, fds[i][1]);
			close(fds[i][1]);
		}
		move_later(10);
		for (k = 0; k < N; k++) {
			i = (k + round) % N;
			usleep(pattern(round * N + k) % 25000);
			ASSERT_EQ(0, kill(pid[i], SIGKILL));
			EXPECT_EQ(SIGKILL, wait_for(pid[i]));
			last = counted(_metadata, fds[i][0]);
			EXPECT_TRUE(c[i * 512] == last || c[i * 512] == last + 1);
			close(fds[i][0]);
		}
		move_wait();
	}
	EXPECT_EQ(0, munmap((void *)c, N * 4096));
}
