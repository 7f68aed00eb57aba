// SPDX-License-Identifier: GPL-2.0
/* mq_notify(): a signal with its value, then none; asked for at home, come home for. */
#include "../move.h"
#include <mqueue.h>

static volatile sig_atomic_t got, value;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	value = info->si_value.sival_int;
	got = info->si_code == SI_MESGQ ? 1 : -1;
}

MOVE_TEST(ipc_mq_notify)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 4,
			       .sigev_value.sival_int = 4242 };
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	char name[32], text[16];
	mqd_t mq;

	snprintf(name, sizeof(name), "/procmig-notify-%d", getpid());
	mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	ASSERT_NE((mqd_t)-1, mq);
	on_signal(SIGRTMIN + 4, handler, SA_RESTART);
	got = value = 0;
	move_begin();
	move_here();
	EXPECT_EQ(0, mq_notify(mq, &ev));
	EXPECT_EQ(-1, mq_notify(mq, &ev));
	EXPECT_EQ(EBUSY, errno);
	move_here();
	EXPECT_EQ(0, mq_send(mq, "hello", 5, 0));
	while (!got)
		usleep(1000);
	EXPECT_EQ(1, got);
	EXPECT_EQ(4242, value);
	EXPECT_EQ(5, mq_receive(mq, text, sizeof(text), NULL));
	/* one notification is one */
	got = 0;
	EXPECT_EQ(0, mq_send(mq, "again", 5, 0));
	EXPECT_EQ(5, mq_receive(mq, text, sizeof(text), NULL));
	EXPECT_EQ(0, got);
	EXPECT_EQ(0, mq_notify(mq, &ev));
	EXPECT_EQ(0, mq_notify(mq, NULL));
	EXPECT_EQ(0, mq_send(mq, "third", 5, 0));
	EXPECT_EQ(0, got);
	EXPECT_EQ(0, mq_close(mq));
	EXPECT_EQ(0, mq_unlink(name));
	signal(SIGRTMIN + 4, SIG_DFL);
}
