// SPDX-License-Identifier: GPL-2.0
/* madvise(): each advice is taken or refused as at home, and memory holds what it is to hold then. */
#include "../move.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24
#endif

#define SIZE	(64 * 4096)

static const int harmless[] = {
	MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_NORMAL, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT,
	MADV_DONTDUMP, MADV_DODUMP, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
	MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_POPULATE_READ,
	MADV_POPULATE_WRITE,
};

static int advise(void *p, size_t size, int advice)
{
	return madvise(p, size, advice) ? errno : 0;
}

/* Old, or zero, page by page; what is written then stays. */
static void frees(struct __test_metadata *_metadata, char *p)
{
	uint64_t *word = (uint64_t *)p;
	int i;

	pattern_fill(p, SIZE, 5);
	EXPECT_EQ(0, advise(p, SIZE, MADV_FREE));
	for (i = 0; i < SIZE / 8; i += 512) {
		if (word[i])
			EXPECT_EQ(pattern(5 + i), word[i]);
		word[i] = i + 1;
	}
	move_here();
	for (i = 0; i < SIZE / 8; i += 512)
		EXPECT_EQ(i + 1, word[i]);
}

static void zeroes(struct __test_metadata *_metadata, char *p, int advice)
{
	static const char zero[SIZE / 2];

	pattern_fill(p, SIZE, 9);
	EXPECT_EQ(0, advise(p, SIZE / 2, advice));
	EXPECT_EQ(0, memcmp(p, zero, SIZE / 2));
	EXPECT_EQ(-1, pattern_check(p + SIZE / 2, SIZE / 2, 9 + SIZE / 16));
}

MOVE_TEST(mem_advice)
{
	unsigned int i;
	char *p;

	p = mmap(NULL, SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, munmap(p + SIZE, 4096));
	pattern_fill(p, SIZE, 1);
	move_begin();
	move_here();
	for (i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		EXPECT_EQ(0, advise(p, SIZE, harmless[i])) {
			TH_LOG("advice %d", harmless[i]);
		}
		EXPECT_EQ(-1, pattern_check(p, SIZE, 1));
		if (i % 4 == 3)
			move_here();
	}
	EXPECT_EQ(EINVAL, advise(p, SIZE, 9999));
	EXPECT_EQ(EINVAL, advise(p + 1, 4096, MADV_WILLNEED));
	EXPECT_EQ(EINVAL, advise(p, SIZE, MADV_REMOVE));
	EXPECT_EQ(ENOMEM, advise(p, SIZE + 4096, MADV_NORMAL));
	EXPECT_EQ(0, advise(p, 0, MADV_DONTNEED));
	EXPECT_EQ(-1, pattern_check(p, SIZE, 1));
	zeroes(_metadata, p, MADV_DONTNEED);
	ASSERT_EQ(0, mlock(p, 4096));
	EXPECT_EQ(EINVAL, advise(p, SIZE / 2, MADV_DONTNEED));
	zeroes(_metadata, p, MADV_DONTNEED_LOCKED);
	ASSERT_EQ(0, munlock(p, 4096));
	frees(_metadata, p);
	EXPECT_EQ(0, munmap(p, SIZE));
}
