// SPDX-License-Identifier: GPL-2.0
/*
 * exec in any thread while others call, spin and sleep: they end, the new program has the process's
 * id and one thread.
 */
#include "../exec.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>

static pthread_barrier_t barrier;
static char pid_text[16];

static int after_exec(const char *stage, int argc, char **argv)
{
	struct stat st;

	(void)stage;
	CHECK(argc == 2 && getpid() == atoi(argv[1]) && gettid() == getpid());
	CHECK(!stat("/proc/self/task", &st) && st.st_nlink == 3);
	return 0;
}

static void *works(void *arg)
{
	long i = (long)arg;

	pthread_barrier_wait(&barrier);
	for (;;) {
		if (i % 3 == 0)
			getppid();
		else if (i % 3 == 1)
			pause();
	}
	return NULL;
}

static void *execs(void *arg)
{
	char *argv[] = { "self", pid_text, NULL };

	(void)arg;
	pthread_barrier_wait(&barrier);
	move_here();
	_exit(exec_self_env("threads", argv, NULL));
}

MOVE_TEST(exec_threads)
{
	pthread_t thread;
	long i, leads;
	pid_t pid;

	for (leads = 0; leads < 2; leads++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			snprintf(pid_text, sizeof(pid_text), "%d", getpid());
			pthread_barrier_init(&barrier, NULL, 5);
			for (i = 0; i < 3 + !leads; i++)
				if (pthread_create(&thread, NULL, works, (void *)i))
					_exit(3);
			if (leads && pthread_create(&thread, NULL, execs, NULL))
				_exit(3);
			move_begin();
			if (leads)
				works((void *)1);
			execs(NULL);
		}
		EXPECT_EQ(0, exec_verdict(pid));
	}
}
