// SPDX-License-Identifier: GPL-2.0
/* A read() that blocks on an inherited pipe goes on through the move. */
#include "../move.h"

MOVE_TEST(wait_pipe_read)
{
	int fds[2];
	char text[32];
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[0]);
		sleep_ms(400 * move_slow());
		_exit(write(fds[1], "through the move", 16) != 16);
	}
	close(fds[1]);
	move_begin();
	move_later(100);
	EXPECT_EQ(16, read(fds[0], text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "through the move", 16));
	EXPECT_EQ(0, read(fds[0], text, sizeof(text)));
	move_wait();
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(fds[0]);
}
