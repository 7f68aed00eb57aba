// SPDX-License-Identifier: GPL-2.0
/* 64 threads at a barrier, again and again, with work of their own in between. */
#include "../move.h"
#include <pthread.h>

#define THREADS	64
#define SLOT	8192

static pthread_barrier_t barrier;
static volatile int stop;
static char *area;
static int bad;

static void *work(void *arg)
{
	long i = (long)arg, round;
	char *mine = area + i * SLOT;

	for (round = 0;; round++) {
		pattern_fill(mine, SLOT, i * 1000 + round);
		pthread_barrier_wait(&barrier);
		/* what the neighbour has written */
		if (pattern_check(area + (i + 1) % THREADS * SLOT, SLOT,
				  (i + 1) % THREADS * 1000 + round) >= 0)
			__sync_fetch_and_add(&bad, 1);
		pthread_barrier_wait(&barrier);
		if (i == 0 && !stop && round > 1 && move_done())
			stop = 1;
		pthread_barrier_wait(&barrier);
		if (stop)
			return NULL;
	}
}

MOVE_TEST(thread_many)
{
	pthread_t thread[THREADS];
	long i;

	stop = bad = 0;
	area = malloc(THREADS * SLOT);
	ASSERT_NE(NULL, area);
	move_begin();
	move_later(50);
	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, THREADS));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	ASSERT_EQ(0, pthread_barrier_destroy(&barrier));
	free(area);
}
