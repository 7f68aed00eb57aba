// SPDX-License-Identifier: GPL-2.0
/* Threads map, unmap, protect, move and touch memory at once, while the process moves. */
#include "../move.h"
#include <pthread.h>

#define THREADS	4
#define SIZE	(256 * 1024)

static volatile int stop;
static int bad, rounds, fd;

static void fail(int line)
{
	if (!__sync_fetch_and_add(&bad, 1))
		fprintf(stderr, "# line %d: %s\n", line, strerror(errno));
}

/* Is the pattern there? If not, where it is not, what stands there, and what stands there later. */
static void check(int line, char *p, size_t size, uint64_t seed)
{
	long at = pattern_check(p, size, seed);
	uint64_t got;

	if (at < 0)
		return;
	got = *(volatile uint64_t *)(p + at);
	usleep(100000);
	if (!__sync_fetch_and_add(&bad, 1))
		fprintf(stderr, "# line %d: %lx of %zx at %p is %llx, then %llx, not %llx\n", line, at,
			size, p, (long long)got, (long long)*(volatile uint64_t *)(p + at),
			(long long)pattern(seed + at / 8));
}

static void work_anon(uint64_t seed)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q;

	if (p == MAP_FAILED)
		return fail(__LINE__);
	pattern_fill(p, SIZE, seed);
	if (mprotect(p, SIZE / 2, PROT_READ))
		fail(__LINE__);
	usleep(200);
	check(__LINE__, p, SIZE, seed);
	if (mprotect(p, SIZE / 2, PROT_READ | PROT_WRITE))
		fail(__LINE__);
	q = mremap(p, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
	if (q == MAP_FAILED)
		return fail(__LINE__);
	check(__LINE__, q, SIZE, seed);
	if (q[SIZE] || q[2 * SIZE - 1])
		fail(__LINE__);
	if (madvise(q, SIZE / 2, MADV_DONTNEED) || q[0] || q[SIZE / 2 - 1])
		fail(__LINE__);
	check(__LINE__, q + SIZE / 2, SIZE / 2, seed + SIZE / 16);
	if (munmap(q, 2 * SIZE))
		fail(__LINE__);
}

static void work_file(uint64_t seed)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return fail(__LINE__);
	check(__LINE__, p, SIZE, 99);
	pattern_fill(p + 4096, 4096, seed);
	usleep(200);
	check(__LINE__, p + 4096, 4096, seed);
	check(__LINE__, p, 4096, 99);
	if (munmap(p, SIZE))
		fail(__LINE__);
}

static void work_heap(uint64_t seed)
{
	char *p = malloc(60000);

	if (!p)
		return fail(__LINE__);
	pattern_fill(p, 59904, seed);
	usleep(100);
	check(__LINE__, p, 59904, seed);
	free(p);
}

static void *work(void *arg)
{
	uint64_t i = (long)arg, n;

	for (n = 0; !stop; n++) {
		work_anon(i * 1000000 + n);
		work_file(i * 1000000 + n);
		work_heap(i * 1000000 + n);
		__sync_fetch_and_add(&rounds, 1);
	}
	return NULL;
}

MOVE_TEST(thread_memory)
{
	char name[] = "/tmp/thread_memory.XXXXXX", *data = malloc(SIZE);
	pthread_t thread[THREADS];
	long i;

	stop = bad = rounds = 0;
	fd = mkstemp(name);
	ASSERT_GE(fd, 0);
	unlink(name);
	pattern_fill(data, SIZE, 99);
	ASSERT_EQ(SIZE, write(fd, data, SIZE));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	move_begin();
	move_later(10);
	move_wait();
	for (i = 0; i < 1000 && rounds < 12; i++)
		usleep(10000);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	EXPECT_GE(rounds, 12);
	close(fd);
	free(data);
}
