// SPDX-License-Identifier: GPL-2.0
/* exec in a thread that is not the first ends all others; the pid and the parent stay. */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

static volatile int go;
static char want[64];

static void *execs(void *arg)
{
	while (!go)
		usleep(1000);
	execl("/bin/sh", "sh", "-c", want, NULL);
	_exit(3);
}

static void *spins(void *arg)
{
	for (;;)
		;
	return NULL;
}

MOVE_TEST(thread_exec)
{
	pthread_t thread;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		snprintf(want, sizeof(want), "test $$ = %d && exit 29", getpid());
		if (pthread_create(&thread, NULL, spins, NULL) ||
		    pthread_create(&thread, NULL, execs, NULL))
			_exit(1);
		move_begin();
		move_here();
		go = 1;
		pthread_join(thread, NULL);
		_exit(2);
	}
	status = wait_for(pid);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(29, WEXITSTATUS(status));
}
