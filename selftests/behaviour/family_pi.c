// SPDX-License-Identifier: GPL-2.0
/* A mutex with priority inheritance that processes share: it changes hands, and outlives who dies with it. */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

#define ROUNDS	60

struct shared {
	pthread_mutex_t mutex;
	int inside;
	int rounds;
};

static int play(struct shared *s)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (pthread_mutex_lock(&s->mutex))
			return 1;
		if (s->inside++)
			return 2;
		s->rounds++;
		usleep(200);
		s->inside--;
		if (pthread_mutex_unlock(&s->mutex))
			return 3;
	}
	return 0;
}

MOVE_TEST(family_pi)
{
	pthread_mutexattr_t attr;
	struct shared *s;
	int ready[2];
	pid_t pid;
	char byte;

	s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, s);
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pthread_mutexattr_init(&attr));
	ASSERT_EQ(0, pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	ASSERT_EQ(0, pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	ASSERT_EQ(0, pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	ASSERT_EQ(0, pthread_mutex_init(&s->mutex, &attr));
	move_begin();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(play(s));
	move_here();
	EXPECT_EQ(0, play(s));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(2 * ROUNDS, s->rounds);
	EXPECT_EQ(0, s->inside);
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (pthread_mutex_lock(&s->mutex) || write(ready[1], "", 1) != 1)
			_exit(1);
		usleep(20000);
		kill(getpid(), SIGKILL);
	}
	/* waits in the kernel until the other one is dead */
	EXPECT_EQ(1, read(ready[0], &byte, 1));
	EXPECT_EQ(EOWNERDEAD, pthread_mutex_lock(&s->mutex));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	EXPECT_EQ(0, pthread_mutex_consistent(&s->mutex));
	EXPECT_EQ(0, pthread_mutex_unlock(&s->mutex));
	EXPECT_EQ(0, pthread_mutex_lock(&s->mutex));
	EXPECT_EQ(0, pthread_mutex_unlock(&s->mutex));
	close(ready[0]);
	close(ready[1]);
	EXPECT_EQ(0, munmap(s, 4096));
}
