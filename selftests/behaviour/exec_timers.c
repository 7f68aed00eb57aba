// SPDX-License-Identifier: GPL-2.0
/* Over an exec interval timers run on, also those of CPU time; POSIX timers are gone. */
#include "../exec.h"
#include <sys/time.h>

static volatile int seen[65];

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	seen[sig]++;
}

static int left(int which)
{
	struct itimerval it;

	return !getitimer(which, &it) && (it.it_value.tv_sec || it.it_value.tv_usec) &&
	       it.it_value.tv_sec <= 300;
}

static int after_exec(const char *stage, int argc, char **argv)
{
	struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	int64_t end = now_ms() + 20000 * move_slow();
	struct itimerspec its;
	volatile int i;

	(void)stage;
	(void)argc;
	CHECK(left(ITIMER_REAL) && left(ITIMER_VIRTUAL) && left(ITIMER_PROF));
	CHECK(syscall(SYS_timer_gettime, atoi(argv[1]), &its) == -1 && errno == EINVAL);
	move_here();
	CHECK(left(ITIMER_REAL) && left(ITIMER_VIRTUAL) && left(ITIMER_PROF));
	/* and they count here */
	on_signal(SIGPROF, handler, SA_RESTART);
	CHECK(!setitimer(ITIMER_PROF, &soon, NULL));
	while (!seen[SIGPROF] && now_ms() < end)
		for (i = 0; i < 200000; i++)
			;
	CHECK(seen[SIGPROF] == 1);
	return 0;
}

static int child(struct __test_metadata *_metadata)
{
	struct itimerval it = { .it_value = { .tv_sec = 300 } };
	struct itimerspec its = { .it_value = { .tv_sec = 300 } };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	char text[16], *argv[] = { "self", text, NULL };
	int timer;

	move_begin();
	move_here();
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	CHECK(!setitimer(ITIMER_VIRTUAL, &it, NULL));
	CHECK(!setitimer(ITIMER_PROF, &it, NULL));
	CHECK(!syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &timer));
	CHECK(!syscall(SYS_timer_settime, timer, 0, &its, NULL));
	snprintf(text, sizeof(text), "%d", timer);
	return exec_self_env("timers", argv, NULL);
}

MOVE_TEST(exec_timers)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, exec_verdict(pid));
}
