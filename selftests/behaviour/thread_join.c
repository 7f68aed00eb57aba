// SPDX-License-Identifier: GPL-2.0
/* Threads that end while the program is away can be joined, in whatever way they end. */
#include "../move.h"
#include <pthread.h>

static volatile int go;
static int cleaned;

static void cleanup(void *arg)
{
	cleaned++;
}

static void *returns(void *arg)
{
	while (!go)
		usleep(1000);
	return (void *)11;
}

static void *exits(void *arg)
{
	pthread_cleanup_push(cleanup, NULL);
	while (!go)
		sched_yield();
	pthread_exit((void *)12);
	pthread_cleanup_pop(0);
}

static void *cancelled(void *arg)
{
	pthread_cleanup_push(cleanup, NULL);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *joins(void *arg)
{
	void *value;

	return pthread_join(*(pthread_t *)arg, &value) ? NULL : value;
}

MOVE_TEST(thread_join)
{
	pthread_t a, b, c, d;
	void *value;

	go = cleaned = 0;
	ASSERT_EQ(0, pthread_create(&a, NULL, returns, NULL));
	ASSERT_EQ(0, pthread_create(&b, NULL, exits, NULL));
	ASSERT_EQ(0, pthread_create(&c, NULL, cancelled, NULL));
	ASSERT_EQ(0, pthread_create(&d, NULL, joins, &a));
	move_begin();
	move_here();
	go = 1;
	/* this one is joined by a thread that was waiting for it during the move */
	ASSERT_EQ(0, pthread_join(d, &value));
	EXPECT_EQ((void *)11, value);
	ASSERT_EQ(0, pthread_join(b, &value));
	EXPECT_EQ((void *)12, value);
	ASSERT_EQ(0, pthread_cancel(c));
	ASSERT_EQ(0, pthread_join(c, &value));
	EXPECT_EQ(PTHREAD_CANCELED, value);
	EXPECT_EQ(2, cleaned);
}
