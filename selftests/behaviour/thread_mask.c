// SPDX-License-Identifier: GPL-2.0
/* A signal to the process goes to a thread that does not block it; each thread has its mask. */
#include "../move.h"
#include <pthread.h>

static volatile int stop, open_now, is_open;
static volatile pid_t got, taker;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	got = syscall(SYS_gettid);
}

/* Blocks and opens the signal, always in turn with the main thread. */
static void *work(void *arg)
{
	sigset_t set = sigset_of(SIGUSR1);

	taker = syscall(SYS_gettid);
	while (!stop) {
		int open = open_now;

		pthread_sigmask(open ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
		is_open = open;
		usleep(500);
	}
	return NULL;
}

static int wait_for_signal(int ms)
{
	int64_t end = now_ms() + ms * move_slow();

	while (!got && now_ms() < end)
		usleep(1000);
	return got;
}

MOVE_TEST(thread_mask)
{
	sigset_t set = sigset_of(SIGUSR1), old, pending;
	pthread_t thread;
	int i;

	stop = open_now = is_open = got = taker = 0;
	on_signal(SIGUSR1, handler, SA_RESTART);
	ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &set, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, work, NULL));
	while (!taker)
		usleep(1000);
	move_begin();
	move_here();
	ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, NULL, &old));
	EXPECT_EQ(1, sigismember(&old, SIGUSR1));
	for (i = 0; i < 5; i++) {
		/* all block it: it stays pending for the process */
		got = open_now = 0;
		while (is_open)
			usleep(1000);
		ASSERT_EQ(0, kill(getpid(), SIGUSR1));
		EXPECT_EQ(0, wait_for_signal(20));
		ASSERT_EQ(0, sigpending(&pending));
		EXPECT_EQ(1, sigismember(&pending, SIGUSR1));
		/* the other one takes it */
		open_now = 1;
		EXPECT_EQ(taker, wait_for_signal(5000));
		while (!is_open)
			usleep(1000);
		got = 0;
		ASSERT_EQ(0, kill(getpid(), SIGUSR1));
		EXPECT_EQ(taker, wait_for_signal(5000));
	}
	stop = 1;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(0, pthread_sigmask(SIG_UNBLOCK, &set, NULL));
}
