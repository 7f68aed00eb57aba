// SPDX-License-Identifier: GPL-2.0
/*
 * Another process reads and writes the program's memory, wherever that is: process_vm_readv(),
 * process_vm_writev(), and /proc/PID/mem, opened before and after the move.
 */
#include "../move.h"
#include <sys/uio.h>

#define WORDS	(64 * 512)

static uint64_t data[WORDS];	/* at the same place in both */

/* Each time that it is told to, it fills its memory anew, moves, and says so. */
static void child(struct __test_metadata *_metadata, int out, int in)
{
	char byte;
	int i;

	move_begin();
	for (i = 1; read(in, &byte, 1) == 1; i++) {
		pattern_fill(data, sizeof(data), i);
		if (i == 1)
			move_here();
		/* and what it writes where it is now */
		data[WORDS / 2] = i;
		if (i == 1)
			move_stay();
		if (write(out, &byte, 1) != 1)
			_exit(1);
	}
	_exit(data[0] == 4711 && data[WORDS - 1] == 4712 ? 0 : 2);
}

static int right(uint64_t *got, int i)
{
	if (got[WORDS / 2] != i)
		return 0;
	got[WORDS / 2] = pattern(i + WORDS / 2);
	return pattern_check(got, sizeof(data), i) == -1;
}

MOVE_TEST(proc_memory_seen)
{
	static uint64_t got[WORDS];
	struct iovec mine = { got, sizeof(got) }, theirs = { data, sizeof(data) };
	uint64_t first = 4711, last = 4712;
	int out[2], in[2], early, late;
	char path[64], byte = 'g';
	pid_t pid;

	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, pipe(in));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(in[1]);
		child(_metadata, out[1], in[0]);
	}
	close(in[0]);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	early = open(path, O_RDWR);
	ASSERT_LE(0, early);
	ASSERT_EQ(1, write(in[1], &byte, 1));
	ASSERT_EQ(1, read(out[0], &byte, 1));
	EXPECT_EQ(sizeof(got), pread(early, got, sizeof(got), (off_t)(uintptr_t)data));
	EXPECT_TRUE(right(got, 1));
	ASSERT_EQ(1, write(in[1], &byte, 1));
	ASSERT_EQ(1, read(out[0], &byte, 1));
	EXPECT_EQ(sizeof(got), process_vm_readv(pid, &mine, 1, &theirs, 1, 0));
	EXPECT_TRUE(right(got, 2));
	ASSERT_EQ(1, write(in[1], &byte, 1));
	ASSERT_EQ(1, read(out[0], &byte, 1));
	late = open(path, O_RDWR);
	ASSERT_LE(0, late);
	EXPECT_EQ(8, pwrite(late, &first, 8, (off_t)(uintptr_t)data));
	mine = (struct iovec){ &last, 8 };
	theirs = (struct iovec){ data + WORDS - 1, 8 };
	EXPECT_EQ(8, process_vm_writev(pid, &mine, 1, &theirs, 1, 0));
	close(in[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(early);
	close(late);
	close(out[0]);
	close(out[1]);
}
