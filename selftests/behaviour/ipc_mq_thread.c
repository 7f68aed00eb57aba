// SPDX-License-Identifier: GPL-2.0
/* mq_notify() with a thread: the C library's helper waits on a socket for it. */
#include "../move.h"
#include <mqueue.h>
#include <pthread.h>

static volatile sig_atomic_t got;

static void notified(union sigval value)
{
	got = value.sival_int;
}

MOVE_TEST(ipc_mq_thread)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified,
			       .sigev_value.sival_int = 77 };
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	char name[32], text[16];
	mqd_t mq;

	snprintf(name, sizeof(name), "/procmig-thread-%d", getpid());
	mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	ASSERT_NE((mqd_t)-1, mq);
	got = 0;
	move_begin();
	move_here();
	EXPECT_EQ(0, mq_notify(mq, &ev));
	move_here();
	EXPECT_EQ(0, mq_send(mq, "hello", 5, 0));
	while (!got)
		usleep(1000);
	EXPECT_EQ(77, got);
	EXPECT_EQ(5, mq_receive(mq, text, sizeof(text), NULL));
	EXPECT_EQ(0, mq_close(mq));
	EXPECT_EQ(0, mq_unlink(name));
}
