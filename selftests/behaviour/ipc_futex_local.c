// SPDX-License-Identifier: GPL-2.0
/* Private mutexes and condition variables work wherever the program runs. */
#include "../move.h"
#include <pthread.h>

MOVE_TEST(ipc_futex_local)
{
	pthread_mutex_t mutex, robust;
	pthread_mutexattr_t attr;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	struct timespec ts;

	ASSERT_EQ(0, pthread_mutexattr_init(&attr));
	ASSERT_EQ(0, pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
	ASSERT_EQ(0, pthread_mutex_init(&mutex, &attr));
	ASSERT_EQ(0, pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	ASSERT_EQ(0, pthread_mutex_init(&robust, &attr));
	ASSERT_EQ(0, pthread_mutex_lock(&mutex));
	ASSERT_EQ(0, pthread_mutex_lock(&robust));
	move_begin();
	move_here();
	/* The owner's id is in the mutex: it is still ours. */
	EXPECT_EQ(EDEADLK, pthread_mutex_lock(&mutex));
	EXPECT_EQ(EDEADLK, pthread_mutex_lock(&robust));
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 1;
	EXPECT_EQ(ETIMEDOUT, pthread_cond_timedwait(&cond, &mutex, &ts));
	EXPECT_EQ(0, pthread_mutex_unlock(&mutex));
	EXPECT_EQ(EPERM, pthread_mutex_unlock(&mutex));
	EXPECT_EQ(0, pthread_mutex_unlock(&robust));
	EXPECT_EQ(0, pthread_mutex_destroy(&mutex));
	EXPECT_EQ(0, pthread_mutex_destroy(&robust));
	EXPECT_EQ(0, pthread_mutexattr_destroy(&attr));
}
