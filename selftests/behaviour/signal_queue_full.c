// SPDX-License-Identifier: GPL-2.0
/* A queue of signals that is as long as it may be: none is lost, none is there twice, none has room. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata)
{
	struct rlimit limit = { 24, 24 };
	sigset_t rt = sigset_of(SIGRTMIN), usr1 = sigset_of(SIGUSR1);
	struct timespec ts = ms_ts(WAIT_MS);
	siginfo_t info;
	int i, n = 0;

	sigprocmask(SIG_BLOCK, &rt, NULL);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	/* a user that nobody else is: the limit is the user's */
	if (setrlimit(RLIMIT_SIGPENDING, &limit) || setresuid(60000 + getpid() % 5000, -1, -1))
		return 1;
	move_begin();
	while (!sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = n }))
		n++;
	if (errno != EAGAIN || n < 10)
		return 2;
	move_here();
	if (!sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = n }) || kill(getpid(), SIGUSR1))
		return 3;
	move_here();
	for (i = 0; i < n; i++)
		if (sigtimedwait(&rt, &info, &ts) != SIGRTMIN || info.si_value.sival_int != i)
			return 4;
	return sigtimedwait(&usr1, &info, &ts) == SIGUSR1 ? 0 : 5;
}

MOVE_TEST(signal_queue_full)
{
	pid_t pid = fork();

	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
