// SPDX-License-Identifier: GPL-2.0
/* A POSIX timer whose signals go to one thread (SIGEV_THREAD_ID), made before and after a move. */
#include "../move.h"
#include <pthread.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id	_sigev_un._tid
#endif

#define TICKS	10

static volatile pid_t tid;
static volatile int ready, stray;

/* Only the thread that waits for it has it not blocked. */
static void handler(int sig, siginfo_t *info, void *ctx)
{
	if (gettid() != tid || info->si_code != SI_TIMER)
		stray++;
}

static void *waits(void *arg)
{
	int *ticks = arg;

	tid = gettid();
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(ticks, __ATOMIC_RELAXED) < TICKS) {
		/* interrupted by each tick */
		struct timespec ts = { .tv_sec = 20 };

		if (nanosleep(&ts, NULL) == 0 || errno != EINTR)
			return "no tick for 20 seconds";
		__atomic_add_fetch(ticks, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static timer_t ticking(struct __test_metadata *_metadata)
{
	struct itimerspec every = { ms_ts(20 * move_slow()), ms_ts(20 * move_slow()) };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGRTMIN + 4,
		.sigev_notify_thread_id = tid,
	};
	timer_t timer;

	EXPECT_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
	EXPECT_EQ(0, timer_settime(timer, 0, &every, NULL));
	return timer;
}

static void round_of(struct __test_metadata *_metadata, int before)
{
	pthread_t thread;
	timer_t timer;
	int ticks = 0;
	void *said;

	ready = 0;
	ASSERT_EQ(0, pthread_create(&thread, NULL, waits, &ticks));
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		usleep(1000);
	if (before) {
		timer = ticking(_metadata);
		move_here();
	} else {
		move_here();
		timer = ticking(_metadata);
	}
	ASSERT_EQ(0, pthread_join(thread, &said));
	EXPECT_EQ(NULL, said);
	EXPECT_EQ(0, timer_delete(timer));
	EXPECT_EQ(0, stray);
}

MOVE_TEST(timer_thread)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGRTMIN + 4,
		.sigev_notify_thread_id = 1,
	};
	timer_t timer;

	on_signal(SIGRTMIN + 4, handler, 0);
	move_begin();
	round_of(_metadata, 1);
	round_of(_metadata, 0);
	/* a thread of somebody else */
	EXPECT_EQ(-1, timer_create(CLOCK_MONOTONIC, &event, &timer));
	EXPECT_EQ(EINVAL, errno);
	signal(SIGRTMIN + 4, SIG_DFL);
}
