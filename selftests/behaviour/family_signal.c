// SPDX-License-Identifier: GPL-2.0
/*
 * A child that shares memory with its parent handles a signal that would kill it, or blocks it, and
 * says so in that memory: the parent sends it at once.
 */
#include "../move.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define ROUNDS	30

static volatile int got;

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	got++;
}

static int child(int *ready)
{
	sigset_t set = sigset_of(SIGUSR2);
	int i, sig;

	for (i = 1; i <= ROUNDS; i++) {
		if (i % 2)
			on_signal(SIGUSR2, handler, 0);
		else if (sigprocmask(SIG_BLOCK, &set, NULL))
			return 1;
		__atomic_store_n(ready, i, __ATOMIC_RELEASE);
		if (i % 2) {
			while (got != (i + 1) / 2)
				usleep(1000);
			signal(SIGUSR2, SIG_DFL);
		} else if (sigwait(&set, &sig) || sig != SIGUSR2 ||
			   sigprocmask(SIG_UNBLOCK, &set, NULL)) {
			return 2;
		}
	}
	return 0;
}

MOVE_TEST(family_signal)
{
	int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid, died;
	int i;

	ASSERT_NE(MAP_FAILED, (void *)ready);
	got = 0;
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(ready));
	move_later(100);
	for (i = 1; i <= ROUNDS; i++) {
		do
			died = waitpid(pid, NULL, WNOHANG);
		while (!died && __atomic_load_n(ready, __ATOMIC_ACQUIRE) != i);
		ASSERT_EQ(0, died);
		ASSERT_EQ(0, kill(pid, SIGUSR2));
	}
	EXPECT_EQ(0, wait_for(pid));
	move_wait();
	EXPECT_EQ(0, munmap(ready, 4096));
}
