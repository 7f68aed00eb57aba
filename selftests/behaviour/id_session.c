// SPDX-License-Identifier: GPL-2.0
/* setpgid() and setsid() done while away change the ids at home. */
#include "../move.h"
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata)
{
	move_begin();
	move_here();
	if (setsid() != getpid())
		return 1;
	if (getsid(0) != getpid() || getpgid(0) != getpid())
		return 2;
	if (setpgid(0, 0) != -1 || errno != EPERM)
		return 3;
	/* Stay until the parent has looked. */
	return read(0, (char[1]){ 0 }, 1);
}

MOVE_TEST(id_session)
{
	int fds[2];
	pid_t pid;
	int i;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		dup2(fds[0], 0);
		_exit(child(_metadata));
	}
	for (i = 0; i < 1000 && getsid(pid) != pid; i++)
		sleep_ms(10);
	EXPECT_EQ(pid, getsid(pid));
	EXPECT_EQ(pid, getpgid(pid));
	close(fds[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(fds[0]);
}
