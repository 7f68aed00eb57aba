// SPDX-License-Identifier: GPL-2.0
/* Thread-local variables, extended registers and errno are each thread's own after a move. */
#include "../move.h"
#include <pthread.h>

#define THREADS	8

static __thread uint64_t mine, big[64];
static volatile int ready, go;
static int good;

static void *work(void *arg)
{
	uint64_t id = (long)arg + 1, seen;
	double x = id, sum = 0;
	int i;

	mine = id;
	for (i = 0; i < 64; i++)
		big[i] = pattern(id * 64 + i);
	__sync_fetch_and_add(&ready, 1);
	/* registers hold the number across the move */
	asm volatile("movq %1, %%xmm7\n"
		     "1:	pause\n"
		     "	cmpl $0, %2\n"
		     "	je 1b\n"
		     "	movq %%xmm7, %0" : "=r"(seen) : "r"(id), "m"(go) : "xmm7");
	for (i = 0; i < 1000; i++)
		sum += x;
	if (mine != id || seen != id || sum != 1000 * x)
		return NULL;
	for (i = 0; i < 64; i++)
		if (big[i] != pattern(id * 64 + i))
			return NULL;
	errno = 0;
	if (close(-1) != -1 || errno != EBADF)
		return NULL;
	__sync_fetch_and_add(&good, 1);
	return NULL;
}

MOVE_TEST(thread_tls)
{
	pthread_t thread[THREADS];
	long i;

	ready = go = good = 0;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	while (ready < THREADS)
		usleep(1000);
	move_begin();
	move_here();
	go = 1;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(THREADS, good);
}
