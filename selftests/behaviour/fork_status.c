// SPDX-License-Identifier: GPL-2.0
/* Children end in all the ways there are, and their parent learns how. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int end(int how)
{
	struct rlimit none = {};

	setrlimit(RLIMIT_CORE, &none);
	switch (how) {
	case 0:
		_exit(0);
	case 1:
		_exit(77);
	case 2:
		raise(SIGTERM);
		break;
	case 3:
		raise(SIGKILL);
		break;
	case 4:
		raise(SIGSEGV);
		break;
	case 5:
		abort();
	}
	return 1;
}

MOVE_TEST(fork_status)
{
	static const int want[] = { 0, 77 << 8, SIGTERM, SIGKILL, SIGSEGV, SIGABRT };
	struct rusage ru;
	int i, status;
	pid_t pid;

	move_begin();
	move_here();
	for (i = 0; i < 12; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(end(i % 6));
		ASSERT_EQ(pid, wait4(pid, &status, 0, &ru));
		EXPECT_EQ(want[i % 6], status & ~0x80);
		EXPECT_EQ(-1, kill(pid, 0));
	}
	EXPECT_EQ(-1, waitpid(-1, &status, 0));
	EXPECT_EQ(ECHILD, errno);
}
