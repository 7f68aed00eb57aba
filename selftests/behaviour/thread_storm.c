// SPDX-License-Identifier: GPL-2.0
/* Threads fault, map, are created, end and take signals, all at once, while the process moves. */
#include "../move.h"
#include <pthread.h>
#include <sys/time.h>

static volatile int stop;
static volatile long alarms, ticks;
static int bad, made;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	if (sig == SIGALRM)
		__sync_fetch_and_add(&alarms, 1);
	else
		__sync_fetch_and_add(&ticks, 1);
}

static void *short_life(void *arg)
{
	volatile char *p = malloc(20000);

	p[0] = p[4096] = p[16000] = 1;
	free((void *)p);
	return arg;
}

static void *makes(void *arg)
{
	pthread_t thread;
	void *value;

	while (!stop) {
		if (pthread_create(&thread, NULL, short_life, (void *)3) ||
		    pthread_join(thread, &value) || value != (void *)3)
			__sync_fetch_and_add(&bad, 1);
		__sync_fetch_and_add(&made, 1);
	}
	return NULL;
}

static void *maps(void *arg)
{
	char *p;
	int i;

	while (!stop) {
		p = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (i = 0; i < 1 << 18; i += 4096) {
			if (p[i])
				__sync_fetch_and_add(&bad, 1);
			p[i] = i >> 12;
		}
		for (i = 0; i < 1 << 18; i += 4096)
			if (p[i] != (char)(i >> 12))
				__sync_fetch_and_add(&bad, 1);
		munmap(p, 1 << 18);
	}
	return NULL;
}

static void *signals(void *arg)
{
	while (!stop) {
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
		usleep(2000);
	}
	return NULL;
}

MOVE_TEST(thread_storm)
{
	struct itimerval timer = { .it_interval.tv_usec = 7000, .it_value.tv_usec = 7000 };
	pthread_t thread[4];
	int i;

	stop = alarms = ticks = bad = made = 0;
	on_signal(SIGALRM, handler, SA_RESTART);
	on_signal(SIGUSR1, handler, SA_RESTART);
	ASSERT_EQ(0, pthread_create(&thread[0], NULL, maps, NULL));
	ASSERT_EQ(0, pthread_create(&thread[1], NULL, maps, NULL));
	ASSERT_EQ(0, pthread_create(&thread[2], NULL, makes, NULL));
	ASSERT_EQ(0, pthread_create(&thread[3], NULL, signals, &thread[0]));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	move_begin();
	move_later(20);
	move_wait();
	for (i = 0; i < 3000 && (made < 5 || alarms < 5 || ticks < 5); i++)
		usleep(10000);
	timer.it_value.tv_usec = 0;
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	stop = 1;
	for (i = 3; i >= 0; i--)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	EXPECT_GE(made, 5);
	EXPECT_GE(alarms, 5);
	EXPECT_GE(ticks, 5);
}
