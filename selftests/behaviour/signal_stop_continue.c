// SPDX-License-Identifier: GPL-2.0
/* SIGSTOP and SIGCONT: the parent sees both, a stopped program does nothing. */
#include "../move.h"
#include <sys/wait.h>

/* Count in a pipe: one byte every few milliseconds, until told to end. */
static void worker(struct __test_metadata *_metadata, int out, int in)
{
	struct pollfd pfd = { .fd = in, .events = POLLIN };

	move_begin();
	move_here();
	while (poll(&pfd, 1, 5) == 0)
		if (write(out, "x", 1) != 1)
			_exit(1);
	_exit(33);
}

/* Number of bytes that are there to read. */
static int drain(int fd)
{
	char buf[4096];
	int n = 0, ret;

	while ((ret = read(fd, buf, sizeof(buf))) > 0)
		n += ret;
	return n;
}

MOVE_TEST(signal_stop_continue)
{
	int count[2], end[2], status, i;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(count));
	ASSERT_EQ(0, pipe(end));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(end[1]);
		worker(_metadata, count[1], end[0]);
	}
	ASSERT_EQ(1, read(count[0], &byte, 1));
	ASSERT_EQ(0, fcntl(count[0], F_SETFL, O_NONBLOCK));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		EXPECT_EQ(SIGSTOP, WSTOPSIG(status));
		/* Stopped is stopped, also where it runs: let what is under way arrive. */
		sleep_ms(200 * move_slow());
		drain(count[0]);
		sleep_ms(200);
		EXPECT_EQ(0, drain(count[0]));
		ASSERT_EQ(0, kill(pid, SIGCONT));
		ASSERT_EQ(pid, waitpid(pid, &status, WCONTINUED));
		ASSERT_TRUE(WIFCONTINUED(status));
		sleep_ms(400 * move_slow());
		EXPECT_LT(0, drain(count[0]));
	}
	close(end[1]);
	status = wait_for(pid);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(33, WEXITSTATUS(status));
	close(end[0]);
	close(count[0]);
	close(count[1]);
}
