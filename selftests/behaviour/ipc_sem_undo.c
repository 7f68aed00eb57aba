// SPDX-License-Identifier: GPL-2.0
/* What a program has taken from a semaphore with SEM_UNDO is given back when it dies, away or not. */
#include "../move.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata, int sem, int how)
{
	struct sembuf op = { .sem_num = 1, .sem_op = -2, .sem_flg = SEM_UNDO };

	if (semop(sem, &op, 1))
		return 1;
	move_begin();
	move_here();
	op.sem_op = -1;
	if (semop(sem, &op, 1) || semctl(sem, 1, GETVAL) != 2)
		return 2;
	if (semctl(sem, 1, GETPID) != getpid())
		return 3;
	if (how)
		raise(SIGKILL);
	return 0;
}

MOVE_TEST(ipc_sem_undo)
{
	int sem, how, status;
	pid_t pid;

	sem = semget(IPC_PRIVATE, 2, 0600);
	ASSERT_LE(0, sem);
	ASSERT_EQ(0, semctl(sem, 1, SETVAL, 5));
	for (how = 0; how < 2; how++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child(_metadata, sem, how));
		status = wait_for(pid);
		EXPECT_EQ(how ? SIGKILL : 0, status);
		EXPECT_EQ(5, semctl(sem, 1, GETVAL));
	}
	EXPECT_EQ(0, semctl(sem, 0, IPC_RMID));
}
