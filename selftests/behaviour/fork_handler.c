// SPDX-License-Identifier: GPL-2.0
/* A signal handler forks, in the middle of whatever the program does; timers hit forks too. */
#include "../move.h"
#include <sys/time.h>
#include <sys/wait.h>

static volatile int handled, bad;

static void handler(int sig, siginfo_t *info, void *uc)
{
	int status, saved = errno;
	pid_t pid = fork();

	(void)sig;
	(void)info;
	(void)uc;
	if (!pid)
		_exit(21);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	bad += pid < 0 || status != 21 << 8;
	handled++;
	errno = saved;
}

MOVE_TEST(fork_handler)
{
	/* long enough for the program to get on between two of them */
	const struct timeval period = { 0, 150000 * move_slow() };
	struct itimerval timer = { .it_value = period, .it_interval = period };
	struct itimerval off = {};
	int status, n = 0;
	pid_t pid, waited;

	on_signal(SIGALRM, handler, SA_RESTART);
	handled = bad = 0;
	move_begin();
	move_later(50);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	while (!move_done() || handled < 5 || n < 5) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			setitimer(ITIMER_REAL, &off, NULL);
			_exit(22);
		}
		do
			waited = waitpid(pid, &status, 0);
		while (waited < 0 && errno == EINTR);
		ASSERT_EQ(pid, waited);
		ASSERT_EQ(22 << 8, status);
		n++;
	}
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &off, NULL));
	EXPECT_EQ(0, bad);
	signal(SIGALRM, SIG_DFL);
}
