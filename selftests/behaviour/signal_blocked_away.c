// SPDX-License-Identifier: GPL-2.0
/*
 * Signals that are sent to a program which has blocked them and computes: one that would kill it
 * does not, and a handler that is for one signal only is called for that one.
 */
#include "../move.h"
#include <sys/wait.h>

static volatile int seen;

static void on_usr1(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	seen++;
}

/* Without a system call. */
static void compute(long ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end)
		;
}

/* For each byte, wait so many ms and send a signal. */
static void sender(int fd)
{
	unsigned char order[2];

	while (read(fd, order, 2) == 2) {
		sleep_ms(order[1]);
		kill(getppid(), order[0]);
	}
	_exit(0);
}

static void order(int fd, unsigned char sig, unsigned char ms)
{
	unsigned char order[2] = { sig, ms };

	if (write(fd, order, 2) != 2)
		abort();
}

MOVE_TEST(signal_blocked_away)
{
	struct timespec limit = ms_ts(WAIT_MS);
	sigset_t term = sigset_of(SIGTERM), usr1 = sigset_of(SIGUSR1);
	int fds[2], i;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	if (!pid) {
		close(fds[1]);
		sender(fds[0]);
	}
	move_begin();
	move_here();
	order(fds[1], SIGTERM, 200);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &term, NULL));
	compute(500 * move_slow());
	EXPECT_EQ(SIGTERM, sigtimedwait(&term, NULL, &limit));
	ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &term, NULL));
	for (i = 0; i < 20; i++) {
		seen = 0;
		on_signal(SIGUSR1, on_usr1, SA_RESETHAND);
		order(fds[1], SIGUSR1, i % 5);
		ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &usr1, NULL));
		compute(10);
		ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &usr1, NULL));
		while (!seen)
			sleep_ms(1);
		EXPECT_EQ(1, seen);
	}
	close(fds[1]);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}
