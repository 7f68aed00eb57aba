// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory comes and goes wherever the program is: what is mapped anew while it is away is new,
 * and comes home with it, where a child shares it.
 */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(1UL << 20)
#define ROUNDS	4

static char *map_shared(void)
{
	return mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static int all_zero(const char *p)
{
	return !*p && !memcmp(p, p + 1, BYTES - 1);
}

/* Both see what the other writes. */
static int child_shares(char *p)
{
	volatile char *word = p + BYTES / 2;
	pid_t pid;

	*word = 1;
	pid = fork();
	if (!pid) {
		if (*word != 1)
			_exit(1);
		*word = 2;
		_exit(0);
	}
	return pid > 0 && !wait_for(pid) && *word == 2;
}

MOVE_TEST(mem_shared_away)
{
	char *kept, *p;
	int i;

	kept = map_shared();
	ASSERT_NE(MAP_FAILED, kept);
	pattern_fill(kept, BYTES, 77);
	move_begin();
	for (i = 0; i < ROUNDS; i++) {
		move_here();
		p = map_shared();
		ASSERT_NE(MAP_FAILED, p);
		ASSERT_EQ(1, all_zero(p));
		pattern_fill(p, BYTES, i);
		move_here();
		ASSERT_EQ(-1, pattern_check(p, BYTES, i));
		ASSERT_EQ(-1, pattern_check(kept, BYTES, 77 + i));
		pattern_fill(kept, BYTES, 77 + i + 1);
		/* another in the place of it */
		if (i == 2)
			ASSERT_EQ(p, mmap(p, BYTES, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		if (i == 2)
			ASSERT_EQ(1, all_zero(p));
		ASSERT_EQ(0, munmap(p, BYTES));
	}
	move_here();
	p = map_shared();
	ASSERT_NE(MAP_FAILED, p);
	pattern_fill(p, BYTES, 5);
	/* while there is a child it could not move */
	move_end();
	EXPECT_EQ(1, child_shares(p));
	EXPECT_EQ(1, child_shares(kept));
	EXPECT_EQ(-1, pattern_check(p, BYTES / 2, 5));
	EXPECT_EQ(-1, pattern_check(kept, BYTES / 2, 77 + ROUNDS));
	EXPECT_EQ(0, munmap(p, BYTES));
	EXPECT_EQ(0, munmap(kept, BYTES));
}
