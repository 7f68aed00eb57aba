// SPDX-License-Identifier: GPL-2.0
/* The first thread ends, before or after a move; the others go on, and later end the process. */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

static int early;

static int leader_state(void)
{
	char line[512], *p;
	FILE *f = fopen("/proc/self/stat", "r");

	if (!f || !fgets(line, sizeof(line), f))
		return 0;
	fclose(f);
	p = strrchr(line, ')');
	return p ? p[2] : 0;
}

static void *goes_on(void *arg)
{
	char *mem = malloc(1 << 20);
	int i;

	for (i = 0; i < 2000 && leader_state() != 'Z'; i++)
		usleep(1000);
	if (!mem || leader_state() != 'Z')
		_exit(3);
	pattern_fill(mem, 1 << 20, 7);
	move_here();
	if (pattern_check(mem, 1 << 20, 7) >= 0 || leader_state() != 'Z')
		_exit(4);
	move_end();
	usleep(1000);
	exit(41);
}

MOVE_TEST(thread_leader_exits)
{
	pthread_t thread;
	int status;
	pid_t pid;

	early = !early;
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		move_begin();
		/* once it has been away, once it has not */
		if (!early)
			move_here();
		if (pthread_create(&thread, NULL, goes_on, NULL))
			_exit(1);
		pthread_exit(NULL);
	}
	status = wait_for(pid);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(41, WEXITSTATUS(status));
}
