// SPDX-License-Identifier: GPL-2.0
/* Who shares memory is on the same node, whichever of them is moved. */
#include "../move.h"
#include <stdatomic.h>
#include <sys/wait.h>

static int same_node(pid_t pid)
{
	int i, moves;

	/* between two moves */
	for (i = 0; i < 1000; i++) {
		moves = migrate_number(getpid(), "moves");
		if (migrate_number(getpid(), "node") == migrate_number(pid, "node") &&
		    migrate_number(getpid(), "moves") == moves)
			return 1;
		usleep(1000);
	}
	return 0;
}

MOVE_TEST(family_where)
{
	atomic_int *shared;
	pid_t pid[2];
	int i, node;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	for (i = 0; i < 2; i++) {
		/* one at home, one where the parent is */
		if (i) {
			move_begin();
			move_here();
		}
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i]) {
			while (!atomic_load(shared))
				usleep(1000);
			_exit(0);
		}
	}
	EXPECT_EQ(1, same_node(pid[0]));
	EXPECT_EQ(1, same_node(pid[1]));
	node = migrate_number(getpid(), "node");
	if (node != migrate_number(getpid(), "home"))
		EXPECT_NE(0, migrate_number(pid[0], "moves"));
	move_here();
	EXPECT_EQ(1, same_node(pid[0]));
	EXPECT_EQ(1, same_node(pid[1]));
	atomic_store(shared, 1);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, wait_for(pid[i]));
	EXPECT_EQ(0, munmap(shared, 4096));
}
