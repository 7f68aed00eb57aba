// SPDX-License-Identifier: GPL-2.0
/* PR_SET_PDEATHSIG: the parent dies at home, the program that is away gets its signal. */
#include "../move.h"
#include <sys/prctl.h>

static int report;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	_exit(write(report, "d", 1) != 1);
}

static void child(struct __test_metadata *_metadata)
{
	on_signal(SIGUSR1, handler, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGUSR1))
		_exit(1);
	move_begin();
	move_here();
	if (write(report, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

MOVE_TEST(proc_parent_death)
{
	char byte = 0;
	int fds[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	report = fds[1];
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (!fork())
			child(_metadata);
		/* The middle one: ends when killed. */
		for (;;)
			pause();
	}
	close(fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ('r', byte);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	wait_for(pid);
	EXPECT_EQ(1, read(fds[0], &byte, 1));
	EXPECT_EQ('d', byte);
	EXPECT_EQ(0, read(fds[0], &byte, 1));
	close(fds[0]);
}
