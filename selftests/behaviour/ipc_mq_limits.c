// SPDX-License-Identifier: GPL-2.0
/* POSIX message queues: order by priority, attributes, time-outs, a sender that waits for room. */
#include "../move.h"
#include <mqueue.h>

static struct timespec soon(long ms)
{
	int64_t ns = clock_ns(CLOCK_REALTIME) + ms * 1000000;

	return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

MOVE_TEST(ipc_mq_limits)
{
	struct mq_attr attr = { .mq_maxmsg = 3, .mq_msgsize = 32 }, old;
	char name[32], text[32] = "";
	unsigned int prio = 0;
	struct timespec ts;
	mqd_t mq;
	int n;

	snprintf(name, sizeof(name), "/procmig-limits-%d", getpid());
	move_begin();
	move_here();
	mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	ASSERT_NE((mqd_t)-1, mq);
	EXPECT_EQ(0, mq_send(mq, "low", 3, 1));
	EXPECT_EQ(0, mq_send(mq, "high", 4, 9));
	EXPECT_EQ(0, mq_send(mq, "mid", 3, 5));
	EXPECT_EQ(0, mq_getattr(mq, &attr));
	EXPECT_EQ(3, attr.mq_curmsgs);
	EXPECT_EQ(-1, mq_send(mq, text, 33, 0));
	EXPECT_EQ(EMSGSIZE, errno);
	move_later(50);
	/* its wait is one that a move ends, and the program begins again */
	do {
		ts = soon(200);
		n = mq_timedsend(mq, "more", 4, 0, &ts);
	} while (n == -1 && errno == EINTR);
	EXPECT_EQ(-1, n);
	EXPECT_EQ(ETIMEDOUT, errno);
	move_wait();
	EXPECT_EQ(4, mq_receive(mq, text, sizeof(text), &prio));
	EXPECT_EQ(9, prio);
	EXPECT_EQ(-1, mq_receive(mq, text, 31, NULL));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(3, mq_receive(mq, text, sizeof(text), &prio));
	EXPECT_EQ(5, prio);
	attr.mq_flags = O_NONBLOCK;
	EXPECT_EQ(0, mq_setattr(mq, &attr, &old));
	EXPECT_EQ(0, old.mq_flags);
	move_here();
	ts = soon(0);
	EXPECT_EQ(3, mq_timedreceive(mq, text, sizeof(text), &prio, &ts));
	EXPECT_EQ(0, memcmp(text, "low", 3));
	EXPECT_EQ(-1, mq_receive(mq, text, sizeof(text), &prio));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, mq_close(mq));
	EXPECT_EQ(0, mq_unlink(name));
	EXPECT_EQ(-1, mq_unlink(name));
	EXPECT_EQ(ENOENT, errno);
}
