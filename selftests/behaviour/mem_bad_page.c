// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that cannot be read: memory that has failed, a file that was cut short. SIGBUS for who
 * touches one, wherever that is; all others are as they were.
 */
#include "../move.h"
#include <setjmp.h>
#include <sys/stat.h>

#define PAGES	100
#define BAD	37
#define SIZE	(PAGES * 4096UL)

static sigjmp_buf out;
static volatile int signals;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	signals++;
	siglongjmp(out, 1);
}

static int touch_fails(volatile char *p)
{
	if (sigsetjmp(out, 1))
		return 1;
	(void)*p;
	return 0;
}

static int others_right(char *map, uint64_t seed)
{
	return pattern_check(map, BAD * 4096UL, seed) == -1 &&
	       pattern_check(map + (BAD + 1) * 4096UL, SIZE - (BAD + 1) * 4096UL,
			     seed + (BAD + 1) * 512UL) == -1;
}

MOVE_TEST(mem_bad_page)
{
	char *anon, *file, *cut;
	int fd, i;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	anon = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, anon);
	file = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, file);
	cut = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, cut);
	pattern_fill(anon, SIZE, 1);
	pattern_fill(file, SIZE, 2);
	on_signal(SIGBUS, handler, 0);
	signals = 0;
	ASSERT_EQ(0, madvise(anon + BAD * 4096UL, 4096, MADV_HWPOISON));
	ASSERT_EQ(0, madvise(file + BAD * 4096UL, 4096, MADV_HWPOISON));
	move_begin();
	for (i = 0; i < 2; i++) {
		move_here();
		EXPECT_EQ(1, others_right(anon, 1));
		EXPECT_EQ(1, others_right(file, 2));
		EXPECT_EQ(2 * i, signals);
		EXPECT_EQ(1, touch_fails(anon + BAD * 4096UL));
		EXPECT_EQ(1, touch_fails(file + BAD * 4096UL));
		EXPECT_EQ(2 * (i + 1), signals);
	}
	/* a bad page that is given up is a good one again */
	EXPECT_EQ(0, madvise(anon + BAD * 4096UL, 4096, MADV_DONTNEED));
	EXPECT_EQ(0, touch_fails(anon + BAD * 4096UL));
	move_here();
	EXPECT_EQ(0, anon[BAD * 4096UL]);
	EXPECT_EQ(0, ftruncate(fd, BAD * 4096UL));
	EXPECT_EQ(0, touch_fails(cut));
	EXPECT_EQ(1, touch_fails(cut + BAD * 4096UL));
	move_here();
	EXPECT_EQ(1, touch_fails(cut + (PAGES - 1) * 4096UL));
	EXPECT_EQ(-1, pattern_check(file, BAD * 4096UL, 2));
	EXPECT_EQ(0, munmap(anon, SIZE));
	EXPECT_EQ(0, munmap(file, SIZE));
	EXPECT_EQ(0, munmap(cut, SIZE));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
	signal(SIGBUS, SIG_DFL);
}
