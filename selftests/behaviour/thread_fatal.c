// SPDX-License-Identifier: GPL-2.0
/* A thread that crashes, or aborts, takes the process with it, with the right status. */
#include "../move.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

static volatile int go;
static int how, *volatile nowhere;

static void *dies(void *arg)
{
	while (!go)
		sched_yield();
	if (how == 0)
		*nowhere = 1;
	else if (how == 1)
		abort();
	else
		pthread_kill(pthread_self(), SIGTERM);
	return NULL;
}

static void *sleeps(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

MOVE_TEST(thread_fatal)
{
	const int sig[] = { SIGSEGV, SIGABRT, SIGTERM };
	const struct rlimit none = {};
	pthread_t thread;
	int status;
	pid_t pid;

	for (how = 0; how < 3; how++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			setrlimit(RLIMIT_CORE, &none);
			signal(SIGSEGV, SIG_DFL);
			signal(SIGABRT, SIG_DFL);
			if (pthread_create(&thread, NULL, sleeps, NULL) ||
			    pthread_create(&thread, NULL, dies, NULL))
				_exit(1);
			move_begin();
			move_here();
			go = 1;
			pthread_join(thread, NULL);
			_exit(2);
		}
		status = wait_for(pid);
		ASSERT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(sig[how], WTERMSIG(status));
	}
}
