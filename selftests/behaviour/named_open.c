// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody opens the file that a moved process has mapped: he sees what it has written, and it sees
 * what he writes.
 */
#include "../named.h"

static int moved(int done[2], int go[2])
{
	char *p = named_map();

	pattern_fill(p, NAMED_HALF, 1);
	move_ask(MOVE_BEGIN, 0);
	move_here();
	if (pattern_check(p, NAMED_HALF, 1) >= 0)
		return 1;
	pattern_fill(p + NAMED_HALF, NAMED_HALF, 2);
	move_here();
	if (pattern_check(p + NAMED_HALF, NAMED_HALF, 2) >= 0)
		return 2;
	move_stay();
	named_go(done);
	named_wait(go);
	return pattern_check(p, NAMED_HALF, 3) >= 0 ? 3 : 0;
}

MOVE_TEST(named_open)
{
	int done[2], go[2], fd;
	char *data;
	pid_t pid;

	named_begin();
	named_pipe(done);
	named_pipe(go);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(moved(done, go));
	named_wait(done);
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 1));
	EXPECT_EQ(-1, named_check(NAMED_HALF, NAMED_HALF, 2));
	data = malloc(NAMED_HALF);
	pattern_fill(data, NAMED_HALF, 3);
	fd = named_open();
	EXPECT_EQ((ssize_t)NAMED_HALF, pwrite(fd, data, NAMED_HALF, 0));
	close(fd);
	free(data);
	named_go(go);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, named_check(0, NAMED_HALF, 3));
	EXPECT_EQ(0, unlink(named_path));
	close(done[0]);
	close(done[1]);
	close(go[0]);
	close(go[1]);
}
