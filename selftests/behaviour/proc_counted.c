// SPDX-License-Identifier: GPL-2.0
/* What /proc/PID/status and statm count of the memory of a process: data, stack, shared, locked, tables. */
#include "../move.h"
#include <sys/wait.h>

#define MIB	1024L	/* in KiB */
#define SHARED	(16 << 20)

/* What a task has not yet added to the sums: of 64 faults, which may have mapped 16 pages each. */
#define FUZZ	(4 * MIB)

static const char * const names[] = {
	"VmSize", "VmLck", "VmRSS", "RssAnon", "RssShmem", "VmData", "VmStk", "VmLib", "VmPTE",
};

enum { SIZE, LCK, RSS, ANON, SHMEM, DATA, STK, LIB, PTE, NR };

/* Read what is counted of @pid, KiB. Return: pages of data, as statm has them. */
static long count(pid_t pid, long kib[NR])
{
	char path[64], line[256];
	long data = -1;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		for (i = 0; i < NR; i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				sscanf(line, "%*s %ld", &kib[i]);
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d %*d %*d %*d %*d %ld", &data) != 1)
		data = -1;
	if (f)
		fclose(f);
	return data;
}

/* The stack grows by half a MiB. */
static int grow(int depth)
{
	volatile char room[64 << 10];

	memset((char *)room, depth, sizeof(room));
	return depth ? grow(depth - 1) + room[1] : room[0];
}

/*
 * Says a word when it has grown, and goes on at the answer. As long as that is 1 it looks at what it
 * shares, for pages that have come along are no part of it before.
 */
static void grower(struct __test_metadata *_metadata, int said, int go)
{
	volatile char *shared;
	char byte = 0, *data;
	int i;

	move_begin();
	move_here();
	data = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = mmap(NULL, SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED || shared == MAP_FAILED || mlock(data, 1 << 20))
		_exit(1);
	memset(data, 1, 8 << 20);
	memset((char *)shared, 2, SHARED);
	grow(8);
	do {
		for (i = 0; i < SHARED; i += 4096)
			if (shared[i] != 2)
				_exit(5);
		if (write(said, &byte, 1) != 1 || read(go, &byte, 1) != 1)
			_exit(2);
	} while (byte == 1);
	move_end();
	if (munmap(data, 16 << 20) || munmap((char *)shared, SHARED))
		_exit(3);
	if (write(said, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		_exit(4);
	_exit(0);
}

MOVE_TEST(proc_counted)
{
	long before[NR] = {}, grown[NR] = {}, after[NR] = {}, data, more;
	int said[2], go[2], status, i;
	char byte = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(said));
	ASSERT_EQ(0, pipe(go));
	data = count(getpid(), before);
	ASSERT_LT(0, data);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		grower(_metadata, said[1], go[0]);
	for (i = 0; ; i++) {
		ASSERT_EQ(1, read(said[0], &byte, 1));
		more = count(pid, grown);
		/* what is on its way is counted by neither node */
		if (i == 100 || (grown[RSS] >= 24 * MIB - FUZZ && grown[ANON] >= 8 * MIB - MIB / 2 &&
				 grown[SHMEM] >= 16 * MIB - FUZZ))
			break;
		byte = 1;
		ASSERT_EQ(1, write(go[1], &byte, 1));
		sleep_ms(50);
	}
	byte = 0;
	EXPECT_LE(before[SIZE] + 32 * MIB, grown[SIZE]);
	EXPECT_LE(before[LCK] + MIB, grown[LCK]);
	EXPECT_GE(before[LCK] + MIB + 8, grown[LCK]);
	EXPECT_LE(24 * MIB - FUZZ, grown[RSS]);
	EXPECT_LE(8 * MIB - MIB / 2, grown[ANON]);
	EXPECT_LE(16 * MIB - FUZZ, grown[SHMEM]);
	EXPECT_LE(before[DATA] + 16 * MIB, grown[DATA]);
	EXPECT_GE(before[DATA] + 17 * MIB, grown[DATA]);
	EXPECT_LE(before[STK] + 400, grown[STK]);
	EXPECT_EQ(before[LIB], grown[LIB]);
	EXPECT_LE(32, grown[PTE]);
	EXPECT_LE(data + 4096, more);
	EXPECT_EQ(1, write(go[1], &byte, 1));
	ASSERT_EQ(1, read(said[0], &byte, 1));
	count(pid, after);
	EXPECT_GE(before[SIZE] + 2 * MIB, after[SIZE]);
	EXPECT_GE(before[DATA] + MIB, after[DATA]);
	EXPECT_EQ(before[LCK], after[LCK]);
	EXPECT_EQ(1, write(go[1], &byte, 1));
	status = wait_for(pid);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	close(said[0]);
	close(said[1]);
	close(go[0]);
	close(go[1]);
}
