// SPDX-License-Identifier: GPL-2.0
/*
 * SIGCONT for a process that is away and not stopped changes nothing; one that is stopped does not
 * move, nor go on, when a move is asked for; and it can be killed as it is.
 */
#include "../move.h"
#include <poll.h>
#include <sys/wait.h>

/* Are the next @count numbers the right ones? */
static int right(int fd, int *next, int count)
{
	int n;

	while (count-- && read(fd, &n, sizeof(n)) == sizeof(n) && n == *next)
		++*next;
	return count < 0;
}

MOVE_TEST(signal_continue_once)
{
	struct pollfd pfd = { .events = POLLIN };
	int out[2], i, moves, err, status, next = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(out));
	pid = fork();
	if (!pid) {
		count_away(_metadata, out[1]);
	}
	pfd.fd = out[0];
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, kill(pid, SIGCONT));
		ASSERT_EQ(1, right(out[0], &next, 5));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		moves = migrate_number(pid, "moves");
		err = move_other(pid, i & 1 ? "2" : "home", 0);
		/* 0: it is there */
		EXPECT_TRUE(err == EBUSY || err == ENOENT || !err);
		EXPECT_EQ(moves, migrate_number(pid, "moves"));
		EXPECT_EQ(0, waitpid(pid, &status, WCONTINUED | WNOHANG));
		for (err = 1; err == 1 && poll(&pfd, 1, 300 * move_slow()) == 1;)
			err = right(out[0], &next, 1);
		ASSERT_EQ(1, err);
		ASSERT_EQ(0, kill(pid, SIGCONT));
		ASSERT_EQ(1, right(out[0], &next, 20));
		err = move_other(pid, i & 1 ? "home" : "2", 1);
		EXPECT_TRUE(!err || err == ENOENT);
	}
	ASSERT_EQ(0, kill(pid, SIGSTOP));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	close(out[0]);
	close(out[1]);
}
