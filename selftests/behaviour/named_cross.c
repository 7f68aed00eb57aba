// SPDX-License-Identifier: GPL-2.0
/* Two processes that are away each open the file that the other one has mapped. */
#include "../named.h"

struct party {
	char path[300];
	pid_t pid;
	int ready[2];
	int go[2];
};

static int cross(struct party *me, const struct party *other, int mover)
{
	char *p;

	snprintf(named_path, sizeof(named_path), "%s", me->path);
	p = named_map();
	pattern_fill(p, NAMED_HALF, mover);
	named_go(me->ready);
	named_wait(me->go);
	if (mover) {
		move_ask(MOVE_BEGIN, 0);
		move_here();
	}
	pattern_fill(p + NAMED_HALF, NAMED_HALF, mover);
	if (mover)
		move_stay();
	named_go(me->ready);
	named_wait(me->go);
	snprintf(named_path, sizeof(named_path), "%s", other->path);
	if (named_check(0, NAMED_HALF, !mover) >= 0 ||
	    named_check(NAMED_HALF, NAMED_HALF, !mover) >= 0)
		return 1;
	/* not before the other has seen it */
	named_go(me->ready);
	named_wait(me->go);
	return 0;
}

/* The one that the mover does not move goes along, where there is somewhere to go. */
static void send(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "2", 1) != 1)
		perror(path);
	if (fd >= 0)
		close(fd);
}

MOVE_TEST(named_cross)
{
	struct party party[2];
	int i, step;

	named_begin();
	for (i = 0; i < 2; i++) {
		snprintf(party[i].path, sizeof(party[i].path), "%s.%d", named_path, i);
		named_pipe(party[i].ready);
		named_pipe(party[i].go);
	}
	for (i = 0; i < 2; i++) {
		party[i].pid = fork();
		ASSERT_LE(0, party[i].pid);
		if (!party[i].pid)
			_exit(cross(&party[i], &party[!i], i));
	}
	for (step = 0; step < 3; step++) {
		for (i = 0; i < 2; i++)
			named_wait(party[i].ready);
		if (!step)
			send(party[0].pid);
		for (i = 0; i < 2; i++)
			named_go(party[i].go);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, wait_for(party[i].pid));
		EXPECT_EQ(0, unlink(party[i].path));
		close(party[i].ready[0]);
		close(party[i].ready[1]);
		close(party[i].go[0]);
		close(party[i].go[1]);
	}
}
