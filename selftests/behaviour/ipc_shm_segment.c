// SPDX-License-Identifier: GPL-2.0
/* System V shared memory: a segment is made, described, attached at home, and removed. */
#include "../move.h"
#include <sys/ipc.h>
#include <sys/shm.h>

MOVE_TEST(ipc_shm_segment)
{
	struct shmid_ds ds = { 0 };
	int id;
	char *p;

	move_begin();
	move_here();
	id = shmget(IPC_PRIVATE, 10000, 0600);
	ASSERT_LE(0, id);
	EXPECT_EQ(0, shmctl(id, IPC_STAT, &ds));
	EXPECT_EQ(10000, ds.shm_segsz);
	EXPECT_EQ(getpid(), ds.shm_cpid);
	EXPECT_EQ(0, ds.shm_nattch);
	ds.shm_perm.mode = 0660;
	EXPECT_EQ(0, shmctl(id, IPC_SET, &ds));
	EXPECT_EQ(-1, shmget(1, 0, 0));
	EXPECT_EQ(ENOENT, errno);
	/* in mode once it is away, and comes home for this */
	move_end();
	p = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, p);
	strcpy(p, "shared");
	EXPECT_EQ(0, shmctl(id, IPC_STAT, &ds));
	EXPECT_EQ(1, ds.shm_nattch);
	EXPECT_EQ(0660, ds.shm_perm.mode & 0777);
	EXPECT_STREQ("shared", p);
	EXPECT_EQ(0, shmdt(p));
	EXPECT_EQ(0, shmctl(id, IPC_RMID, NULL));
}
