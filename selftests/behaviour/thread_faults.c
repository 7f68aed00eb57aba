// SPDX-License-Identifier: GPL-2.0
/* All threads fault on the same pages at the same time, and each sees what is there. */
#include "../move.h"
#include <pthread.h>

#define THREADS	6
#define PAGES	256

static pthread_barrier_t barrier;
static uint64_t *page[PAGES];
static char *area;
static int bad;

static void *work(void *arg)
{
	long i = (long)arg, n;

	pthread_barrier_wait(&barrier);
	/* from here on nothing but faults */
	pthread_barrier_wait(&barrier);
	for (n = 0; n < PAGES; n++) {
		if (n % 8 == 7 ? *page[n] > THREADS : page[n][1] != pattern(n))
			__sync_fetch_and_add(&bad, 1);
		__sync_fetch_and_add(page[n], 1);
		/* not in the same order */
		if (i & 1 && page[PAGES - 1 - n][2] != ((PAGES - 1 - n) % 8 == 7 ? 0 : 77))
			__sync_fetch_and_add(&bad, 1);
	}
	return NULL;
}

MOVE_TEST(thread_faults)
{
	pthread_t thread[THREADS];
	long i;

	bad = 0;
	area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	for (i = 0; i < PAGES; i++) {
		page[i] = (uint64_t *)(area + i * 4096);
		if (i % 8 == 7)
			continue;	/* never touched */
		page[i][1] = pattern(i);
		page[i][2] = 77;
	}
	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, THREADS + 1));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	pthread_barrier_wait(&barrier);
	move_begin();
	move_here();
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ(THREADS, page[i][0]);
	ASSERT_EQ(0, pthread_barrier_destroy(&barrier));
	ASSERT_EQ(0, munmap(area, PAGES * 4096));
}
