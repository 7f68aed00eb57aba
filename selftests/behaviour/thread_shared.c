// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that write, drop and read shared memory, through two mappings of it, while it moves: none
 * loses what it has written, or finds again what it has dropped.
 */
#include "../move.h"
#include <pthread.h>

#define THREADS	4
#define PAGES	256UL
#define BYTES	(THREADS * PAGES * 4096)

static char *one, *other;
static volatile int stop, wrong;

/* Page @i of thread @me, by turns through either mapping. */
static uint64_t *page(int me, unsigned long i)
{
	return (void *)((i % 2 ? one : other) + (me * PAGES + i) * 4096);
}

static void *worker(void *arg)
{
	int me = (long)arg;
	uint64_t state = me + 1, value[PAGES] = {};
	unsigned long i;

	while (!stop && !wrong) {
		state = pattern(state);
		i = state % PAGES;
		if (*page(me, i) != value[i] || page(me, i ^ 1)[511] != value[i ^ 1])
			wrong = 1;
		if (state >> 60) {
			value[i] = state;
			*page(me, i) = state;
			page(me, i)[511] = state;
		} else {
			value[i] = 0;
			if (madvise(page(me, i), 4096, MADV_REMOVE))
				wrong = 2;
		}
	}
	for (i = 0; i < PAGES; i++)
		if (*page(me, i) != value[i] || page(me, i)[511] != value[i])
			wrong = 3;
	return NULL;
}

MOVE_TEST(thread_shared)
{
	pthread_t threads[THREADS];
	long i;

	one = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, one);
	other = mremap(one, 0, BYTES, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, other);
	stop = 0;
	wrong = 0;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, worker, (void *)i));
	move_begin();
	for (i = 0; i < 4; i++) {
		sleep_ms(50);
		move_here();
		EXPECT_EQ(0, wrong);
	}
	stop = 1;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, munmap(one, BYTES));
	EXPECT_EQ(0, munmap(other, BYTES));
}
