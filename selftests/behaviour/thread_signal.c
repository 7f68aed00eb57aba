// SPDX-License-Identifier: GPL-2.0
/* A signal that is sent to a thread is handled by this thread, which sleeps, spins or waits. */
#include "../move.h"
#include <pthread.h>

#define THREADS	3
#define ROUNDS	20

static volatile int stop;
static volatile int count[THREADS], wrong;
static pid_t tid[THREADS];

static void handler(int sig, siginfo_t *info, void *ctx)
{
	int i = info->si_value.sival_int;

	if (i < 0 || i >= THREADS || syscall(SYS_gettid) != tid[i])
		wrong++;
	else
		count[i]++;
}

static void *work(void *arg)
{
	long i = (long)arg;
	volatile long n;

	tid[i] = syscall(SYS_gettid);
	while (!stop) {
		if (i == 0)
			for (n = 0; n < 10000; n++)
				;
		else if (i == 1)
			usleep(1000);
		else
			sched_yield();
	}
	return NULL;
}

MOVE_TEST(thread_signal)
{
	union sigval value;
	pthread_t thread[THREADS];
	int i, n;

	stop = wrong = 0;
	on_signal(SIGRTMIN, handler, SA_RESTART);
	for (i = 0; i < THREADS; i++) {
		count[i] = tid[i] = 0;
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)(long)i));
	}
	while (!tid[0] || !tid[1] || !tid[2])
		usleep(1000);
	move_begin();
	move_later(5);
	for (n = 0; n < ROUNDS; n++) {
		for (i = 0; i < THREADS; i++) {
			value.sival_int = i;
			ASSERT_EQ(0, pthread_sigqueue(thread[i], SIGRTMIN, value));
		}
		usleep(1000);
	}
	move_wait();
	for (i = 0; i < THREADS; i++) {
		value.sival_int = i;
		ASSERT_EQ(0, pthread_sigqueue(thread[i], SIGRTMIN, value));
	}
	for (i = 0; i < THREADS; i++)
		for (n = 0; n < 5000 && count[i] < ROUNDS + 1; n++)
			usleep(1000);
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
		EXPECT_EQ(ROUNDS + 1, count[i]);
	}
	EXPECT_EQ(0, wrong);
}
