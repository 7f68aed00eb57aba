// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that have mapped a file by its name, each on its own, take turns in it while they are
 * moved; one after the other ends.
 */
#include "../named.h"
#include <stdatomic.h>

#define PARTIES	3
#define STEPS	300

struct turns {
	atomic_int turn;
	atomic_int count;
};

static int party(int me, int ready[2], int go[2])
{
	struct turns *turns = (struct turns *)named_map();
	int i;

	named_go(ready);
	named_wait(go);
	if (!me) {
		move_ask(MOVE_BEGIN, 0);
		move_here();
	}
	for (i = 0; i < STEPS; i++) {
		while (atomic_load(&turns->turn) != me)
			usleep(100);
		atomic_fetch_add(&turns->count, 1);
		atomic_store(&turns->turn, (me + 1) % PARTIES);
		if (!me && i == STEPS / 2)
			move_here();
	}
	if (!me)
		move_stay();
	return 0;
}

MOVE_TEST(named_family)
{
	int ready[2], go[2], fd, i;
	struct turns turns;
	pid_t pid[PARTIES];

	named_begin();
	named_pipe(ready);
	named_pipe(go);
	for (i = 0; i < PARTIES; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i])
			_exit(party(i, ready, go));
	}
	for (i = 0; i < PARTIES; i++)
		named_wait(ready);
	for (i = 0; i < PARTIES; i++)
		named_go(go);
	for (i = 0; i < PARTIES; i++)
		EXPECT_EQ(0, wait_for(pid[i]));
	fd = named_open();
	EXPECT_EQ((ssize_t)sizeof(turns), pread(fd, &turns, sizeof(turns), 0));
	EXPECT_EQ(PARTIES * STEPS, atomic_load(&turns.count));
	close(fd);
	EXPECT_EQ(0, unlink(named_path));
	for (i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}
