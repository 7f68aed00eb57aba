// SPDX-License-Identifier: GPL-2.0
/* When there may be no more processes: the error is that of home, and no child is left of the attempt. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define USER	12345	/* nobody else has it */
#define LIMIT	8

MOVE_TEST(fork_limits)
{
	struct rlimit limit = { .rlim_cur = LIMIT, .rlim_max = LIMIT };
	int i, n, round, status;
	pid_t pid[LIMIT];

	/* a body is run again */
	if (getuid() != USER) {
		ASSERT_EQ(0, setresgid(USER, USER, USER));
		ASSERT_EQ(0, setresuid(USER, USER, USER));
		ASSERT_EQ(0, setrlimit(RLIMIT_NPROC, &limit));
	}
	move_begin();
	move_here();
	for (round = 0; round < 3; round++) {
		for (n = 0; n < LIMIT; n++) {
			pid[n] = fork();
			if (!pid[n]) {
				pause();
				_exit(0);
			}
			if (pid[n] < 0)
				break;
		}
		EXPECT_EQ(EAGAIN, errno);
		EXPECT_EQ(LIMIT - 1, n);
		for (i = 0; i < n; i++)
			kill(pid[i], SIGKILL);
		for (i = 0; i < n; i++)
			EXPECT_EQ(SIGKILL, wait_for(pid[i]));
		EXPECT_EQ(-1, wait(&status));
		EXPECT_EQ(ECHILD, errno);
	}
}
