// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that share memory fork, end, start other programs and drop what they share, at random,
 * while they are moved: the books that they keep in it are right at any time.
 */
#include "../move.h"
#include <stdatomic.h>
#include <sys/wait.h>

#define SLOTS	16
#define BUDGET	60	/* processes in all */
#define BYTES	(SLOTS * 4096UL)

struct book {
	atomic_int budget;
	atomic_int born;
	atomic_int done;
	atomic_int wrong;
	atomic_ulong sum;
};

static struct book *book;
static char *area;

static void live(unsigned long seed, int depth)
{
	int i, status, mine, n = 0;
	pid_t pid[2];
	atomic_ulong *word;

	atomic_fetch_add(&book->born, 1);
	for (i = 0; i < 40; i++) {
		seed = pattern(seed);
		word = (atomic_ulong *)(area + seed % SLOTS * 4096);
		atomic_fetch_add(word, i);
		atomic_fetch_add(&book->sum, i);
		if (seed % 9 == 0 && depth < 4 && n < 2 &&
		    atomic_fetch_sub(&book->budget, 1) > 0) {
			pid[n] = fork();
			if (!pid[n]) {
				live(seed + 1, depth + 1);
				if (seed & 64)
					execl("/bin/true", "true", NULL);
				_exit(0);
			}
			n += pid[n] > 0;
		}
		if (seed % 5 == 0)
			usleep(seed % 3000);
	}
	for (i = 0; i < n; i++) {
		mine = waitpid(pid[i], &status, 0) == pid[i] && !status;
		if (!mine)
			atomic_fetch_add(&book->wrong, 1);
	}
	atomic_fetch_add(&book->done, 1);
	/* some have nothing in common with the others any more when they end */
	if (seed & 128 && depth) {
		munmap(area, BYTES);
		usleep(seed % 2000);
	}
}

MOVE_TEST(family_crowd)
{
	unsigned long sum = 0;
	int i;

	book = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, book);
	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	atomic_store(&book->budget, BUDGET);
	move_begin();
	move_here();
	live(getpid(), 0);
	EXPECT_EQ(0, atomic_load(&book->wrong));
	EXPECT_EQ(atomic_load(&book->born), atomic_load(&book->done));
	for (i = 0; i < SLOTS; i++)
		sum += atomic_load((atomic_ulong *)(area + i * 4096));
	EXPECT_EQ(atomic_load(&book->sum), sum);
	EXPECT_EQ(0, munmap(area, BYTES));
	EXPECT_EQ(0, munmap(book, 4096));
}
