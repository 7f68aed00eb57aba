// SPDX-License-Identifier: GPL-2.0
/*
 * vfork(): the child runs in the memory of its parent, which waits until it ends. And what the C
 * library makes of it to start programs.
 */
#include "../move.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static volatile int shared;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
}

MOVE_TEST(fork_vfork)
{
	char *argv[] = { "sh", "-c", "exit 12", NULL };
	volatile int *big;
	int i;
	pid_t pid;

	on_signal(SIGUSR1, handler, SA_RESTART);
	big = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, big);
	for (i = 0; i < 2048; i++)
		big[i * 1024] = i;
	move_begin();
	move_here();
	for (i = 0; i < 5; i++) {
		shared = 0;
		pid = vfork();
		if (!pid) {
			shared = getpid();
			big[1024 * i] += 1;
			/* it waits: this is not seen before that */
			kill(getppid(), SIGUSR1);
			usleep(20000);
			shared++;
			_exit(i);
		}
		ASSERT_LT(0, pid);
		EXPECT_EQ(pid + 1, shared);
		EXPECT_EQ(i + 1, big[1024 * i]);
		EXPECT_EQ(i << 8, wait_for(pid));
	}
	for (i = 5; i < 2048; i++)
		ASSERT_EQ(i, big[i * 1024]);
	ASSERT_EQ(0, posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ));
	EXPECT_EQ(12 << 8, wait_for(pid));
	EXPECT_EQ(7 << 8, system("exit 7"));
	munmap((void *)big, 8 << 20);
	signal(SIGUSR1, SIG_DFL);
}
