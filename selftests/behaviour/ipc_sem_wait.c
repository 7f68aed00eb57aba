// SPDX-License-Identifier: GPL-2.0
/* A wait for semaphores ends when another process gives, or when its time is over. */
#include "../move.h"
#include <sys/ipc.h>
#include <sys/sem.h>

static int take(int sem, int ms)
{
	struct sembuf op[2] = { { .sem_num = 0, .sem_op = -1 }, { .sem_num = 1, .sem_op = -1 } };
	struct timespec ts = ms_ts(ms);

	return semtimedop(sem, op, 2, &ts);
}

MOVE_TEST(ipc_sem_wait)
{
	struct sembuf give[2] = { { .sem_num = 0, .sem_op = 1 }, { .sem_num = 1, .sem_op = 1 } };
	int sem, go[2];
	char byte;
	pid_t pid;

	sem = semget(IPC_PRIVATE, 2, 0600);
	ASSERT_LE(0, sem);
	ASSERT_EQ(0, semctl(sem, 0, SETVAL, 0));
	ASSERT_EQ(0, semctl(sem, 1, SETVAL, 0));
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		/* one alone is not enough */
		sleep_ms(200);
		if (semop(sem, give, 1))
			_exit(2);
		sleep_ms(200);
		_exit(semop(sem, give + 1, 1));
	}
	close(go[0]);
	move_begin();
	move_here();
	EXPECT_EQ(-1, take(sem, 100));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, write(go[1], "g", 1));
	move_later(100);
	EXPECT_EQ(0, take(sem, 60000));
	move_wait();
	EXPECT_EQ(0, semctl(sem, 0, GETVAL));
	EXPECT_EQ(0, semctl(sem, 1, GETVAL));
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(go[1]);
	EXPECT_EQ(0, semctl(sem, 0, IPC_RMID));
}
