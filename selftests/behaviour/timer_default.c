// SPDX-License-Identifier: GPL-2.0
/* Timers of CPU time whose signal has no handler: it ends the program; or is blocked, and waited for. */
#include "../move.h"
#include <sys/time.h>
#include <sys/wait.h>

static const struct itimerval soon = { .it_value.tv_usec = 50000 };

static void compute(long ms)
{
	int64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + ms * 1000000LL;
	volatile unsigned int n;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		for (n = 0; n < 1000000; n++)
			;
}

static int killed_by(int which)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		setitimer(which, &soon, NULL);
		compute(20000);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

MOVE_TEST(timer_default)
{
	struct timespec limit = ms_ts(WAIT_MS);
	sigset_t set = sigset_of(SIGVTALRM);

	move_begin();
	move_here();
	EXPECT_EQ(SIGVTALRM, killed_by(ITIMER_VIRTUAL));
	EXPECT_EQ(SIGPROF, killed_by(ITIMER_PROF));
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_VIRTUAL, &soon, NULL));
	compute(300);
	EXPECT_EQ(SIGVTALRM, sigtimedwait(&set, NULL, &limit));
	ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
}
