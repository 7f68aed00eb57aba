// SPDX-License-Identifier: GPL-2.0
/* A program that sleeps in a futex, which home has no part in, is seen to sleep as well. */
#include "../move.h"
#include <linux/futex.h>

static void child(struct __test_metadata *_metadata, int out)
{
	int moves;
	struct timespec ts = { 4 * move_slow(), 0 };
	unsigned int word = 5;
	char byte = 'f';

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	move_stay();
	if (write(out, &byte, 1) != 1)
		_exit(1);
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &ts);
	/* awake for a moment */
	if (write(out, &byte, 1) != 1)
		_exit(2);
	ts.tv_sec = 60;
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &ts);
	_exit(3);
}

static char state_of(pid_t pid)
{
	char path[64], buf[512], *p;
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	p = strrchr(buf, ')');
	return p ? p[2] : 0;
}

/* For half a second on end. */
static int sleeps(pid_t pid)
{
	int i, asleep = 0;

	for (i = 0; i < 2000 && asleep < 50; i++) {
		asleep = state_of(pid) == 'S' ? asleep + 1 : 0;
		sleep_ms(10);
	}
	return asleep == 50;
}

MOVE_TEST(proc_seen_asleep)
{
	int out[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(out));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata, out[1]);
	ASSERT_EQ(1, read(out[0], &byte, 1));
	EXPECT_TRUE(sleeps(pid));
	ASSERT_EQ(1, read(out[0], &byte, 1));
	EXPECT_TRUE(sleeps(pid));
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(SIGKILL, wait_for(pid));
	close(out[0]);
	close(out[1]);
}
