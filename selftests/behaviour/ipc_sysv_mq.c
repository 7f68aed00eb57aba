// SPDX-License-Identifier: GPL-2.0
/* System V messages and semaphores, and POSIX message queues, live at home. */
#include "../move.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

struct text_msg {
	long type;
	char text[16];
};

MOVE_TEST(ipc_sysv_mq)
{
	struct text_msg msg = { .type = 3, .text = "sysv" };
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	struct sembuf op = { .sem_op = 2 };
	char text[16], name[32];
	unsigned int prio = 0;
	int q, sem;
	mqd_t mq;

	q = msgget(IPC_PRIVATE, 0600);
	sem = semget(IPC_PRIVATE, 1, 0600);
	ASSERT_LE(0, q);
	ASSERT_LE(0, sem);
	ASSERT_EQ(0, msgsnd(q, &msg, 5, 0));
	snprintf(name, sizeof(name), "/procmig-%d", getpid());
	mq = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);
	move_begin();
	move_here();
	memset(&msg, 0, sizeof(msg));
	EXPECT_EQ(5, msgrcv(q, &msg, sizeof(msg.text), 3, 0));
	EXPECT_STREQ("sysv", msg.text);
	EXPECT_EQ(-1, msgrcv(q, &msg, sizeof(msg.text), 0, IPC_NOWAIT));
	EXPECT_EQ(ENOMSG, errno);
	EXPECT_EQ(0, semop(sem, &op, 1));
	EXPECT_EQ(2, semctl(sem, 0, GETVAL));
	op.sem_op = -3;
	op.sem_flg = IPC_NOWAIT;
	EXPECT_EQ(-1, semop(sem, &op, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, msgctl(q, IPC_RMID, NULL));
	EXPECT_EQ(0, semctl(sem, 0, IPC_RMID));
	if (mq != (mqd_t)-1) {
		EXPECT_EQ(0, mq_send(mq, "posix", 6, 5));
		EXPECT_EQ(6, mq_receive(mq, text, sizeof(text), &prio));
		EXPECT_STREQ("posix", text);
		EXPECT_EQ(5, prio);
		EXPECT_EQ(-1, mq_receive(mq, text, sizeof(text), NULL));
		EXPECT_EQ(EAGAIN, errno);
		EXPECT_EQ(0, mq_close(mq));
		EXPECT_EQ(0, mq_unlink(name));
	}
}
