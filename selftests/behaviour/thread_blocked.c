// SPDX-License-Identifier: GPL-2.0
/* Threads that are blocked at the move, each in another call, go on waiting and are woken. */
#include "../move.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/eventfd.h>

static int rfd, pfd[2], event;
static uint32_t word;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int flag;
static volatile int ready;
static int64_t slept;

static void *in_read(void *arg)
{
	char c = 0;

	ready++;
	return read(rfd, &c, 1) == 1 && c == 'r' ? arg : NULL;
}

static void *in_poll(void *arg)
{
	struct pollfd p = { .fd = event, .events = POLLIN };

	ready++;
	return poll(&p, 1, 60000) == 1 && p.revents == POLLIN ? arg : NULL;
}

static void *in_futex(void *arg)
{
	ready++;
	/* it may return for no reason */
	while (!__atomic_load_n(&word, __ATOMIC_SEQ_CST))
		if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) &&
		    errno != EAGAIN && errno != EINTR)
			return NULL;
	return arg;
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	ready++;
	while (!flag)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return arg;
}

static void *in_sleep(void *arg)
{
	int64_t start = now_ms();

	ready++;
	sleep_ms(WAIT_MS);
	slept = now_ms() - start;
	return arg;
}

static void *in_sigwait(void *arg)
{
	sigset_t set = sigset_of(SIGUSR1);
	int sig = 0;

	ready++;
	return !sigwait(&set, &sig) && sig == SIGUSR1 ? arg : NULL;
}

MOVE_TEST(thread_blocked)
{
	void *(*const body[])(void *) = {
		in_read, in_poll, in_futex, in_cond, in_sleep, in_sigwait,
	};
	const int n = sizeof(body) / sizeof(body[0]);
	sigset_t set = sigset_of(SIGUSR1);
	pthread_t thread[n];
	uint64_t one = 1;
	void *value;
	int i;

	flag = ready = 0;
	word = 0;
	ASSERT_EQ(0, pipe(pfd));
	rfd = pfd[0];
	event = eventfd(0, 0);
	ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &set, NULL));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, body[i], (void *)1));
		while (ready <= i)
			usleep(1000);
	}
	usleep(20000);
	move_begin();
	move_here();
	usleep(20000);
	ASSERT_EQ(1, write(pfd[1], "r", 1));
	ASSERT_EQ(8, write(event, &one, 8));
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	pthread_mutex_lock(&mutex);
	flag = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	ASSERT_EQ(0, kill(getpid(), SIGUSR1));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &value));
		EXPECT_EQ((void *)1, value) {
			TH_LOG("thread %d", i);
		}
	}
	EXPECT_GE(slept, WAIT_MS - MONO_SLOP_MS);
	EXPECT_LE(slept, WAIT_MS + SLACK_MS);
	close(event);
	close(pfd[0]);
	close(pfd[1]);
	ASSERT_EQ(0, pthread_sigmask(SIG_UNBLOCK, &set, NULL));
}
