// SPDX-License-Identifier: GPL-2.0
/*
 * A mutex, a condition and a semaphore that processes share: those who wait in the kernel for one
 * of them are woken, wherever they all are by then; who dies with the mutex does not keep it.
 */
#include "../move.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>

#define CHILDREN	3
#define ROUNDS		120

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	sem_t sem;
	int turn;
	int sum;
};

static int play(struct shared *s, int me)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (pthread_mutex_lock(&s->mutex))
			return 1;
		while (s->turn != me)
			if (pthread_cond_wait(&s->cond, &s->mutex))
				return 2;
		s->sum += me + 1;
		s->turn = (me + 1) % (CHILDREN + 1);
		if (pthread_cond_broadcast(&s->cond) || pthread_mutex_unlock(&s->mutex))
			return 3;
	}
	if (sem_wait(&s->sem))
		return 4;
	return 0;
}

/* Dies with the mutex. */
static void die_with(struct shared *s)
{
	pthread_mutex_lock(&s->mutex);
	s->turn = -1;
	kill(getpid(), SIGKILL);
}

MOVE_TEST(family_mutex)
{
	pthread_mutexattr_t attr;
	pthread_condattr_t cattr;
	pid_t pid[CHILDREN];
	struct shared *s;
	int i, status;

	s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, s);
	ASSERT_EQ(0, pthread_mutexattr_init(&attr));
	ASSERT_EQ(0, pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	ASSERT_EQ(0, pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	ASSERT_EQ(0, pthread_mutex_init(&s->mutex, &attr));
	ASSERT_EQ(0, pthread_condattr_init(&cattr));
	ASSERT_EQ(0, pthread_condattr_setpshared(&cattr, PTHREAD_PROCESS_SHARED));
	ASSERT_EQ(0, pthread_cond_init(&s->cond, &cattr));
	ASSERT_EQ(0, sem_init(&s->sem, 1, 0));
	move_begin();
	for (i = 0; i < CHILDREN; i++) {
		if (i == 1)
			move_here();
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i])
			_exit(play(s, i + 1));
	}
	move_later(100);
	for (i = 0; i < CHILDREN; i++)
		sem_post(&s->sem);
	sem_post(&s->sem);
	EXPECT_EQ(0, play(s, 0));
	for (i = 0; i < CHILDREN; i++)
		EXPECT_EQ(0, wait_for(pid[i]));
	move_wait();
	EXPECT_EQ(ROUNDS * (1 + 2 + 3 + 4), s->sum);
	pid[0] = fork();
	ASSERT_LE(0, pid[0]);
	if (!pid[0])
		die_with(s);
	status = wait_for(pid[0]);
	EXPECT_EQ(1, WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_EQ(EOWNERDEAD, pthread_mutex_lock(&s->mutex));
	EXPECT_EQ(-1, s->turn);
	EXPECT_EQ(0, pthread_mutex_consistent(&s->mutex));
	EXPECT_EQ(0, pthread_mutex_unlock(&s->mutex));
	EXPECT_EQ(0, munmap(s, 4096));
}
