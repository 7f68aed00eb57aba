// SPDX-License-Identifier: GPL-2.0
/*
 * A thread blocks a signal that would kill, and says so in memory: another thread sends it at once.
 * The first one waits for it.
 */
#include "../move.h"
#include <pthread.h>

#define ROUNDS	40

static int blocked, sent, end;
static pid_t waiter;

static void *send(void *arg)
{
	int i;

	for (i = 1; i <= ROUNDS; i++) {
		while (__atomic_load_n(&blocked, __ATOMIC_ACQUIRE) != i)
			if (__atomic_load_n(&end, __ATOMIC_ACQUIRE))
				return NULL;
		if (syscall(SYS_tgkill, getpid(), waiter, SIGUSR2))
			return NULL;
		__atomic_store_n(&sent, i, __ATOMIC_RELEASE);
	}
	return arg;
}

MOVE_TEST(thread_block_signal)
{
	sigset_t set = sigset_of(SIGUSR2);
	pthread_t thread;
	int i, sig;
	void *all;

	blocked = sent = end = 0;
	waiter = syscall(SYS_gettid);
	ASSERT_EQ(0, pthread_create(&thread, NULL, send, &end));
	move_begin();
	move_here();
	for (i = 1; i <= ROUNDS; i++) {
		ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &set, NULL));
		__atomic_store_n(&blocked, i, __ATOMIC_RELEASE);
		/* a call would tell home of the mask */
		while (__atomic_load_n(&sent, __ATOMIC_ACQUIRE) != i)
			;
		ASSERT_EQ(0, sigwait(&set, &sig));
		ASSERT_EQ(SIGUSR2, sig);
		ASSERT_EQ(0, pthread_sigmask(SIG_UNBLOCK, &set, NULL));
	}
	__atomic_store_n(&end, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, &all));
	EXPECT_EQ((void *)&end, all);
}
