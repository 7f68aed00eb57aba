// SPDX-License-Identifier: GPL-2.0
/* Members of a family that share memory are killed while the family moves: the others go on. */
#include "../move.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define N	3

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
	uint64_t n, last;
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
			for (last = 0; read(fds[i][0], &n, sizeof(n)) == sizeof(n); last = n)
				ASSERT_EQ(last + 1, n);
			EXPECT_TRUE(c[i * 512] == last || c[i * 512] == last + 1);
			close(fds[i][0]);
		}
		move_wait();
	}
	EXPECT_EQ(0, munmap((void *)c, N * 4096));
}
