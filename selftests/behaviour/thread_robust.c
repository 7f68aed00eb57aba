// SPDX-License-Identifier: GPL-2.0
/* A thread ends with a robust mutex, or one with priority inheritance, in its hands. */
#include "../move.h"
#include <pthread.h>

static pthread_mutex_t robust, pi, both;
static volatile int ready, go;

static void *dies(void *arg)
{
	pthread_mutex_lock(arg);
	__sync_fetch_and_add(&ready, 1);
	while (!go)
		usleep(1000);
	return NULL;
}

/* Takes it over from the dead. */
static void *waits(void *arg)
{
	long ret;

	__sync_fetch_and_add(&ready, 1);
	ret = pthread_mutex_lock(arg);
	if (ret == EOWNERDEAD)
		pthread_mutex_consistent(arg);
	pthread_mutex_unlock(arg);
	return (void *)ret;
}

static void init(pthread_mutex_t *mutex, int is_robust, int is_pi)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	if (is_robust)
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (is_pi)
		pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
}

MOVE_TEST(thread_robust)
{
	pthread_t a, b, c, d;
	void *value;

	ready = go = 0;
	init(&robust, 1, 0);
	init(&both, 1, 1);
	init(&pi, 0, 1);
	ASSERT_EQ(0, pthread_create(&a, NULL, dies, &robust));
	ASSERT_EQ(0, pthread_create(&b, NULL, dies, &both));
	while (ready < 2)
		usleep(1000);
	ASSERT_EQ(0, pthread_create(&c, NULL, waits, &robust));
	ASSERT_EQ(0, pthread_create(&d, NULL, waits, &both));
	while (ready < 4)
		usleep(1000);
	ASSERT_EQ(0, pthread_mutex_lock(&pi));
	move_begin();
	move_here();
	EXPECT_EQ(EBUSY, pthread_mutex_trylock(&robust));
	go = 1;
	ASSERT_EQ(0, pthread_join(c, &value));
	EXPECT_EQ((void *)EOWNERDEAD, value);
	ASSERT_EQ(0, pthread_join(d, &value));
	EXPECT_EQ((void *)EOWNERDEAD, value);
	ASSERT_EQ(0, pthread_join(a, NULL));
	ASSERT_EQ(0, pthread_join(b, NULL));
	EXPECT_EQ(0, pthread_mutex_unlock(&pi));
	EXPECT_EQ(0, pthread_mutex_lock(&robust));
	EXPECT_EQ(0, pthread_mutex_unlock(&robust));
	pthread_mutex_destroy(&robust);
	pthread_mutex_destroy(&both);
	pthread_mutex_destroy(&pi);
}
