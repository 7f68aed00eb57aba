// SPDX-License-Identifier: GPL-2.0
/* futex_waitv(): one of several words, or the end of the time, while the program moves. */
#include "../move.h"
#include <linux/futex.h>
#include <pthread.h>

static uint32_t words[3];

static void *waker(void *arg)
{
	/* whenever it waits again */
	while (!__atomic_load_n(&words[2], __ATOMIC_ACQUIRE)) {
		sleep_ms(20);
		if (now_ms() < *(int64_t *)arg)
			continue;
		__atomic_store_n(&words[1], 8, __ATOMIC_RELEASE);
		syscall(SYS_futex, &words[1], FUTEX_WAKE_PRIVATE, 1);
	}
	return NULL;
}

MOVE_TEST(wait_futex_vector)
{
	struct futex_waitv waiters[2];
	int64_t when, end;
	struct timespec ts;
	pthread_t thread;
	int i, ret;

	memset(words, 0, sizeof(words));
	for (i = 0; i < 2; i++) {
		words[i] = 7;
		waiters[i] = (struct futex_waitv){ .val = 7, .uaddr = (uintptr_t)&words[i],
						   .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG };
	}
	move_begin();
	move_later(50);
	end = now_ms() + 300;
	do {
		ts = ms_ts(end);
		ret = syscall(SYS_futex_waitv, waiters, 2, 0, &ts, CLOCK_MONOTONIC);
	} while (ret == -1 && errno == EINTR);
	EXPECT_EQ(-1, ret);
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_LE(end - MONO_SLOP_MS, now_ms());
	move_wait();
	when = now_ms() + 200;
	ASSERT_EQ(0, pthread_create(&thread, NULL, waker, &when));
	move_later(50);
	do {
		ts = ms_ts(now_ms() + 60000);
		ret = syscall(SYS_futex_waitv, waiters, 2, 0, &ts, CLOCK_MONOTONIC);
	} while (ret == -1 && errno == EINTR);
	/* woken, or too late to wait at all */
	EXPECT_TRUE(ret == 1 || (ret == -1 && errno == EAGAIN));
	EXPECT_EQ(8, words[1]);
	__atomic_store_n(&words[2], 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	move_wait();
	EXPECT_EQ(-1, syscall(SYS_futex_waitv, waiters, 2, 1, NULL, 0));
	EXPECT_EQ(EINVAL, errno);
}
