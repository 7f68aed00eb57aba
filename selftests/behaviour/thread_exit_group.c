// SPDX-License-Identifier: GPL-2.0
/* exit() in any thread ends the process, with its status, whatever the others do. */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

static volatile int go;

static void *exits(void *arg)
{
	while (!go)
		usleep(1000);
	exit(37);
}

static void *spins(void *arg)
{
	for (;;)
		;
	return NULL;
}

static void *sleeps(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

MOVE_TEST(thread_exit_group)
{
	pthread_t thread;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (pthread_create(&thread, NULL, spins, NULL) ||
		    pthread_create(&thread, NULL, sleeps, NULL) ||
		    pthread_create(&thread, NULL, exits, NULL))
			_exit(1);
		move_begin();
		move_here();
		go = 1;
		pthread_join(thread, NULL);
		_exit(2);
	}
	status = wait_for(pid);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(37, WEXITSTATUS(status));
}
