// SPDX-License-Identifier: GPL-2.0
/* Threads that contend for a mutex exclude each other before, during and after a move. */
#include "../move.h"
#include <pthread.h>

#define THREADS	4

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;
static long total, inside, wrong;

static void *work(void *arg)
{
	long *mine = arg;

	while (!stop) {
		pthread_mutex_lock(&mutex);
		wrong += inside++;
		total++;
		(*mine)++;
		inside--;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

MOVE_TEST(thread_mutex)
{
	pthread_t thread[THREADS];
	long mine[THREADS] = {}, sum = 0;
	int i;

	stop = 0;
	total = 0;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, &mine[i]));
	move_begin();
	move_here();
	sleep_ms(100);
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
		EXPECT_GT(mine[i], 0);
		sum += mine[i];
	}
	EXPECT_EQ(sum, total);
	EXPECT_EQ(0, wrong);
}
