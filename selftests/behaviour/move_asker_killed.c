// SPDX-License-Identifier: GPL-2.0
/*
 * Two ask for moves of one process, to different nodes, and are killed while they do. There is one
 * copy of it all the time, which counts on.
 */
#include "../move.h"
#include <sys/wait.h>

#define ROUNDS	15

MOVE_TEST(move_asker_killed)
{
	static const char * const to[] = { "2", "3", "home" };
	int out[2], status[2], i, k, n, next = 0, kill_it;
	pid_t pid, asker[2];

	ASSERT_EQ(0, pipe(out));
	pid = fork();
	if (!pid) {
		count_away(_metadata, out[1]);
	}
	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 2; k++) {
			asker[k] = fork();
			if (!asker[k])
				_exit(move_other(pid, to[(i + k) % 3], 0));
		}
		kill_it = i % 4 < 2;
		usleep(pattern(i) % 30000 * move_slow());
		if (kill_it)
			kill(asker[i & 1], SIGKILL);
		for (k = 0; k < 2; k++) {
			status[k] = wait_for(asker[k]);
			if (!kill_it || k != (i & 1))
				EXPECT_TRUE(!status[k] || status[k] == EBUSY << 8 ||
					    status[k] == ENOENT << 8);
		}
		for (k = 0; k < 10; k++) {
			ASSERT_EQ((ssize_t)sizeof(n), read(out[0], &n, sizeof(n)));
			ASSERT_EQ(next++, n);
		}
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	close(out[0]);
	close(out[1]);
}
