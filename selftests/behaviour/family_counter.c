// SPDX-License-Identifier: GPL-2.0
/*
 * A parent and its children count in memory that they share, while one of them is moved: all go with
 * it, so that no step is lost and nobody waits for a step that he could not see.
 */
#include "../move.h"
#include <stdatomic.h>
#include <sys/wait.h>

#define CHILDREN	3
#define STEPS		200
#define BYTES		(1UL << 20)

struct shared {
	atomic_int count;	/* steps of all */
	atomic_int turn;	/* whose step it is */
	char pages[] __attribute__((aligned(4096)));
};

/* One after the other takes a step, and checks what the one before has written. */
static int step(struct shared *shared, int me, int parties, int steps)
{
	uint64_t *word;
	int i, n;

	for (i = 0; i < steps; i++) {
		while (atomic_load(&shared->turn) != me)
			usleep(100);
		n = atomic_fetch_add(&shared->count, 1);
		word = (uint64_t *)(shared->pages + (uint64_t)n * 5 % (BYTES / 4096 - 2) * 4096);
		*word = pattern(n);
		if (n) {
			word = (uint64_t *)(shared->pages +
					    (uint64_t)(n - 1) * 5 % (BYTES / 4096 - 2) * 4096);
			if (*word != pattern(n - 1))
				return 1;
		}
		atomic_store(&shared->turn, (me + 1) % parties);
	}
	return 0;
}

MOVE_TEST(family_counter)
{
	struct shared *shared;
	pid_t pid[CHILDREN];
	int i;

	shared = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	for (i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i])
			_exit(step(shared, i + 1, CHILDREN + 1, STEPS));
	}
	move_begin();
	EXPECT_EQ(0, step(shared, 0, CHILDREN + 1, STEPS / 2));
	move_here();
	EXPECT_EQ(0, step(shared, 0, CHILDREN + 1, STEPS / 2));
	for (i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, wait_for(pid[i]));
	EXPECT_EQ((CHILDREN + 1) * STEPS, atomic_load(&shared->count));
	EXPECT_EQ(0, munmap(shared, BYTES));
}
