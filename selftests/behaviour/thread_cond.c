// SPDX-License-Identifier: GPL-2.0
/* Two threads that wake each other by condition variables lose no wake-up. */
#include "../move.h"
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond[2] = { PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER };
static int turn, stop;
static long rounds;

/* Wait for our turn; false when it is over. */
static int take(int me)
{
	int go;

	pthread_mutex_lock(&mutex);
	while (turn != me && !stop)
		pthread_cond_wait(&cond[me], &mutex);
	go = !stop;
	rounds += go;
	turn = !me;
	pthread_cond_signal(&cond[!me]);
	pthread_mutex_unlock(&mutex);
	return go;
}

static void *partner(void *arg)
{
	while (take(1))
		;
	return NULL;
}

MOVE_TEST(thread_cond)
{
	pthread_t thread;
	long i, before;

	turn = stop = 0;
	rounds = 0;
	ASSERT_EQ(0, pthread_create(&thread, NULL, partner, NULL));
	move_begin();
	move_later(20);
	do {
		before = rounds;
		for (i = 0; i < 500; i++)
			ASSERT_TRUE(take(0));
		ASSERT_GE(rounds, before + 999);
	} while (!move_done());
	pthread_mutex_lock(&mutex);
	stop = 1;
	pthread_cond_signal(&cond[1]);
	pthread_mutex_unlock(&mutex);
	ASSERT_EQ(0, pthread_join(thread, NULL));
}
