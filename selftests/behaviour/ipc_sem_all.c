// SPDX-License-Identifier: GPL-2.0
/* semctl(): all values at once, what is known of a set, its owner and mode. */
#include "../move.h"
#include <sys/ipc.h>
#include <sys/sem.h>

#define SEMS	200

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

MOVE_TEST(ipc_sem_all)
{
	unsigned short set[SEMS], got[SEMS + 1];
	struct semid_ds ds = { 0 };
	struct seminfo info = { 0 };
	int sem, i;

	for (i = 0; i < SEMS; i++)
		set[i] = i * 7;
	sem = semget(IPC_PRIVATE, SEMS, 0600);
	ASSERT_LE(0, sem);
	move_begin();
	move_here();
	EXPECT_EQ(0, semctl(sem, 0, SETALL, (union semun){ .array = set }));
	EXPECT_EQ(70, semctl(sem, 10, GETVAL));
	move_here();
	memset(got, 0xee, sizeof(got));
	EXPECT_EQ(0, semctl(sem, 0, GETALL, (union semun){ .array = got }));
	EXPECT_EQ(0, memcmp(set, got, sizeof(set)));
	EXPECT_EQ(0xeeee, got[SEMS]);
	EXPECT_EQ(0, semctl(sem, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(SEMS, ds.sem_nsems);
	EXPECT_EQ(0600, ds.sem_perm.mode & 0777);
	ds.sem_perm.mode = 0640;
	EXPECT_EQ(0, semctl(sem, 0, IPC_SET, (union semun){ .buf = &ds }));
	memset(&ds, 0, sizeof(ds));
	EXPECT_EQ(0, semctl(sem, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(0640, ds.sem_perm.mode & 0777);
	EXPECT_LE(0, semctl(0, 0, IPC_INFO, (union semun){ .info = &info }));
	EXPECT_LT(0, info.semmsl);
	EXPECT_EQ(0, semctl(sem, 3, GETNCNT));
	EXPECT_EQ(0, semctl(sem, 3, GETZCNT));
	EXPECT_EQ(0, semctl(sem, 0, IPC_RMID));
	EXPECT_EQ(-1, semctl(sem, 0, GETVAL));
	EXPECT_TRUE(errno == EINVAL || errno == EIDRM);
}
