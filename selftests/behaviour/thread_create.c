// SPDX-License-Identifier: GPL-2.0
/* Threads are created while the program is away, by the first thread and by others. */
#include "../move.h"
#include <pthread.h>

static __thread int local = 5;

static void *leaf(void *arg)
{
	long n = (long)arg;

	local += n;
	usleep(100);
	return (void *)(long)(local == 5 + n && syscall(SYS_gettid) != getpid());
}

static void *branch(void *arg)
{
	pthread_t thread[3];
	long i, good = 0;
	void *value;

	for (i = 0; i < 3; i++)
		if (pthread_create(&thread[i], NULL, leaf, (void *)i))
			return NULL;
	for (i = 0; i < 3; i++)
		good += !pthread_join(thread[i], &value) && value;
	return (void *)good;
}

MOVE_TEST(thread_create)
{
	pthread_t thread[3];
	void *value;
	long i, n;

	move_begin();
	move_here();
	for (n = 0; n < 3; n++) {
		for (i = 0; i < 3; i++)
			ASSERT_EQ(0, pthread_create(&thread[i], NULL, branch, NULL));
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(0, pthread_join(thread[i], &value));
			EXPECT_EQ((void *)3, value);
		}
	}
	/* attributes: a mask of its own and a large stack */
	move_later(1);
	for (n = 0; n < 10; n++) {
		ASSERT_EQ(0, pthread_create(&thread[0], NULL, leaf, (void *)n));
		ASSERT_EQ(0, pthread_join(thread[0], &value));
		EXPECT_EQ((void *)1, value);
	}
	move_wait();
}
