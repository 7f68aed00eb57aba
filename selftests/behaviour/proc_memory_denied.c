// SPDX-License-Identifier: GPL-2.0
/* Who may not look at the program's memory is told so, and does not bring it home by trying. */
#include "../move.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

static uint64_t word = 5;

static void child(struct __test_metadata *_metadata, int out, int in)
{
	int moves;
	char byte = 'r';

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	move_stay();
	_exit(write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1 ? 0 : 1);
}

/* As another user. */
static int stranger(pid_t pid)
{
	uint64_t got;
	struct iovec mine = { &got, 8 }, theirs = { &word, 8 };
	char path[64];

	if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
		return 1;
	if (process_vm_readv(pid, &mine, 1, &theirs, 1, 0) != -1 || errno != EPERM)
		return 2;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	if (open(path, O_RDONLY) != -1 || errno != EACCES)
		return 3;
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != -1 || errno != EPERM)
		return 4;
	/* what everybody may read */
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return open(path, O_RDONLY) < 0 ? 5 : 0;
}

/* The node that it runs on; 0 where there is no such file. */
static int node_of(pid_t pid)
{
	char path[64], line[64] = "";
	int node = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f))
		sscanf(line, "node: %d", &node);
	fclose(f);
	return node;
}

MOVE_TEST(proc_memory_denied)
{
	int out[2], in[2], node;
	pid_t pid, other;
	char byte;

	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, pipe(in));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata, out[1], in[0]);
	ASSERT_EQ(1, read(out[0], &byte, 1));
	node = node_of(pid);
	other = fork();
	ASSERT_LE(0, other);
	if (!other)
		_exit(stranger(pid));
	EXPECT_EQ(0, wait_for(other));
	EXPECT_EQ(node, node_of(pid));
	EXPECT_EQ(1, write(in[1], "e", 1));
	EXPECT_EQ(0, wait_for(pid));
	close(out[0]);
	close(out[1]);
	close(in[0]);
	close(in[1]);
}
