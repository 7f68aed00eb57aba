// SPDX-License-Identifier: GPL-2.0
/*
 * System V shared memory of a moved process: who attaches it sees what it has written, and it sees
 * what he writes; and what is in it stays when the process has ended.
 */
#include "../named.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int moved(int id, int done[2], int go[2])
{
	char *p = shmat(id, NULL, 0);

	if (p == (void *)-1)
		return 1;
	pattern_fill(p, NAMED_HALF, 1);
	move_ask(MOVE_BEGIN, 0);
	move_here();
	if (pattern_check(p, NAMED_HALF, 1) >= 0)
		return 2;
	pattern_fill(p + NAMED_HALF, NAMED_HALF, 2);
	move_stay();
	named_go(done);
	named_wait(go);
	if (pattern_check(p, NAMED_HALF, 3) >= 0)
		return 3;
	pattern_fill(p, NAMED_HALF, 4);
	return 0;
}

MOVE_TEST(sysv_attach)
{
	int id = shmget(IPC_PRIVATE, NAMED_BYTES, IPC_CREAT | 0600), done[2], go[2], i;
	struct shmid_ds ds;
	pid_t pid;
	char *p;

	ASSERT_LE(0, id);
	named_pipe(done);
	named_pipe(go);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(moved(id, done, go));
	named_wait(done);
	p = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, p);
	EXPECT_EQ(-1, pattern_check(p, NAMED_HALF, 1));
	EXPECT_EQ(-1, pattern_check(p + NAMED_HALF, NAMED_HALF, 2));
	pattern_fill(p, NAMED_HALF, 3);
	EXPECT_EQ(0, shmdt(p));
	named_go(go);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, shmctl(id, IPC_STAT, &ds));
	for (i = 0; i < 200 && ds.shm_nattch; i++) {
		usleep(10000);
		EXPECT_EQ(0, shmctl(id, IPC_STAT, &ds));
	}
	/* who had served its memory to another node may let go of it a moment later */
	EXPECT_EQ(0, ds.shm_nattch);
	p = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, p);
	EXPECT_EQ(-1, pattern_check(p, NAMED_HALF, 4));
	EXPECT_EQ(0, shmdt(p));
	EXPECT_EQ(0, shmctl(id, IPC_RMID, NULL));
	close(done[0]);
	close(done[1]);
	close(go[0]);
	close(go[1]);
}
