// SPDX-License-Identifier: GPL-2.0
/* Threads fork and wait, all at once, while the process moves. */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

#define THREADS	3

static volatile int stop;
static int bad, forks;

static void *work(void *arg)
{
	long i = (long)arg;
	int status;
	pid_t pid;

	while (!stop) {
		pid = fork();
		if (!pid)
			_exit(getppid() == getpid() ? 1 : 10 + i);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != 10 + i)
			__sync_fetch_and_add(&bad, 1);
		__sync_fetch_and_add(&forks, 1);
		usleep(1000);
	}
	return NULL;
}

MOVE_TEST(thread_fork)
{
	pthread_t thread[THREADS];
	long i;

	stop = bad = forks = 0;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	move_begin();
	move_later(5);
	move_wait();
	for (i = 0; i < 500 && forks < 10; i++)
		usleep(10000);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	EXPECT_GE(forks, 10);
}
