// SPDX-License-Identifier: GPL-2.0
/* Each thread keeps its alternate signal stack. */
#include "../move.h"
#include <pthread.h>

#define THREADS	3
#define SIZE	(64 * 1024)

static char stacks[THREADS][SIZE] __attribute__((aligned(64)));
static __thread char *my_stack;
static __thread volatile int on_it;
static volatile int ready, go;
static int good;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	char here;

	on_it = &here >= my_stack && &here < my_stack + SIZE;
}

static void *work(void *arg)
{
	long i = (long)arg;
	stack_t stack = { .ss_sp = stacks[i], .ss_size = SIZE }, now;

	my_stack = stacks[i];
	if (sigaltstack(&stack, NULL))
		return NULL;
	__sync_fetch_and_add(&ready, 1);
	while (!go)
		usleep(1000);
	if (sigaltstack(NULL, &now) || now.ss_sp != my_stack || now.ss_size != SIZE)
		return NULL;
	raise(SIGUSR2);
	__sync_fetch_and_add(&good, on_it);
	return NULL;
}

MOVE_TEST(thread_altstack)
{
	pthread_t thread[THREADS];
	long i;

	ready = go = good = 0;
	on_signal(SIGUSR2, handler, SA_ONSTACK);
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
