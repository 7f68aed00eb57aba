// SPDX-License-Identifier: GPL-2.0
/* process_vm_readv() is the first that brings the program home, with pages still on their way. */
#include "../move.h"
#include <sys/uio.h>

#define BYTES	(8 << 20)

static uint64_t *data;

static void child(struct __test_metadata *_metadata, int out, int in)
{
	int moves;
	char byte;

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	pattern_fill(data, BYTES, 9);
	move_stay();
	if (write(out, &byte, 1) != 1)
		_exit(1);
	_exit(read(in, &byte, 1) == 1 && pattern_check(data, BYTES, 9) == -1 ? 0 : 2);
}

MOVE_TEST(proc_memory_seen_first)
{
	struct iovec mine, theirs;
	int out[2], in[2], i;
	uint64_t word;
	char byte;
	pid_t pid;

	data = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, data);
	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, pipe(in));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata, out[1], in[0]);
	ASSERT_EQ(1, read(out[0], &byte, 1));
	for (i = BYTES / 8 - 1; i > 0; i -= 100 * 512 + 3) {
		mine = (struct iovec){ &word, 8 };
		theirs = (struct iovec){ data + i, 8 };
		EXPECT_EQ(8, process_vm_readv(pid, &mine, 1, &theirs, 1, 0));
		EXPECT_EQ(pattern(9 + i), word);
	}
	EXPECT_EQ(1, write(in[1], "e", 1));
	EXPECT_EQ(0, wait_for(pid));
	close(out[0]);
	close(out[1]);
	close(in[0]);
	close(in[1]);
	munmap(data, BYTES);
}
