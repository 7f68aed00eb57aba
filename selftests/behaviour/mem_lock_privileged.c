// SPDX-License-Identifier: GPL-2.0
/* Who has CAP_IPC_LOCK may lock more memory than the limit says, and has it locked at the end. */
#include "../move.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define LEN	(1 << 20)

static void *map(void)
{
	return mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long locked_kb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

MOVE_TEST(mem_lock_privileged)
{
	struct rlimit limit = { 65536, 65536 };
	void *one = map(), *two;

	ASSERT_NE(MAP_FAILED, one);
	ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
	move_begin();
	move_here();
	EXPECT_EQ(0, mlock(one, LEN));
	move_here();
	EXPECT_EQ(0, mlockall(MCL_FUTURE));
	two = map();
	EXPECT_NE(MAP_FAILED, two);
	move_here();
	EXPECT_EQ(0, mlockall(0x4 /* MCL_ONFAULT */ | MCL_FUTURE));
	EXPECT_NE(MAP_FAILED, map());
	EXPECT_NE((void *)-1, sbrk(LEN));
	EXPECT_EQ(0, munlock(two, LEN));
	move_end();
	EXPECT_LE(3 * LEN / 1024, locked_kb());
	EXPECT_EQ(0, munlockall());
	EXPECT_EQ(0, locked_kb());
}
