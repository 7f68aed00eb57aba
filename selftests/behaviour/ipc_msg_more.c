// SPDX-License-Identifier: GPL-2.0
/* System V messages: by type, cut, looked at without taking; what is known of a queue. */
#include "../move.h"
#include <sys/ipc.h>
#include <sys/msg.h>

struct text_msg {
	long type;
	char text[64];
};

MOVE_TEST(ipc_msg_more)
{
	struct text_msg msg = { .type = 5 };
	struct msqid_ds ds = { 0 };
	struct msginfo info = { 0 };
	int q;

	move_begin();
	move_here();
	q = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
	ASSERT_LE(0, q);
	strcpy(msg.text, "five");
	EXPECT_EQ(0, msgsnd(q, &msg, 5, 0));
	msg.type = 2;
	strcpy(msg.text, "two, which is longer");
	EXPECT_EQ(0, msgsnd(q, &msg, 21, 0));
	EXPECT_EQ(0, msgctl(q, IPC_STAT, &ds));
	EXPECT_EQ(2, ds.msg_qnum);
	EXPECT_EQ(getpid(), ds.msg_lspid);
	memset(&msg, 0, sizeof(msg));
	EXPECT_EQ(21, msgrcv(q, &msg, sizeof(msg.text), 1, MSG_COPY | IPC_NOWAIT));
	EXPECT_EQ(2, msg.type);
	move_here();
	EXPECT_EQ(-1, msgrcv(q, &msg, 10, 2, 0));
	EXPECT_EQ(E2BIG, errno);
	memset(&msg, 0, sizeof(msg));
	EXPECT_EQ(10, msgrcv(q, &msg, 10, -4, MSG_NOERROR));
	EXPECT_STREQ("two, which", msg.text);
	EXPECT_EQ(5, msgrcv(q, &msg, sizeof(msg.text), 9, MSG_EXCEPT));
	EXPECT_EQ(5, msg.type);
	msg.type = 0;
	EXPECT_EQ(-1, msgsnd(q, &msg, 1, 0));
	EXPECT_EQ(EINVAL, errno);
	ds.msg_qbytes = 1000;
	EXPECT_EQ(0, msgctl(q, IPC_SET, &ds));
	EXPECT_LE(0, msgctl(0, MSG_INFO, (struct msqid_ds *)&info));
	EXPECT_LT(0, info.msgmax);
	EXPECT_EQ(0, msgctl(q, IPC_RMID, NULL));
	EXPECT_EQ(-1, msgsnd(q, &msg, 1, 0));
	EXPECT_TRUE(errno == EINVAL || errno == EIDRM);
}
