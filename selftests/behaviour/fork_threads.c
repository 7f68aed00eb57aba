// SPDX-License-Identifier: GPL-2.0
/*
 * One thread forks while others change memory, map and unmap a file, and fault: each child can use
 * what it has inherited.
 */
#include "../move.h"
#include <pthread.h>
#include <sys/wait.h>

#define PAGES	256
#define FORKS	12

/* The mapping of the file that the child may look at; NULL while it is being changed. */
static int *volatile mapped;
static volatile int stop, bad;
static volatile unsigned long *words;
static int file;

static void *change(void *arg)
{
	unsigned long n, i;

	(void)arg;
	for (n = 2; !stop; n++)
		for (i = 0; i < PAGES; i++)
			words[i * 512] = n;
	return NULL;
}

static void *remap(void *arg)
{
	int *map;

	(void)arg;
	while (!stop) {
		map = mmap(NULL, 16 * 4096, PROT_READ, MAP_PRIVATE, file, 0);
		if (map == MAP_FAILED) {
			bad = 1;
			break;
		}
		mapped = map;
		usleep(2000);
		mapped = NULL;
		munmap(map, 16 * 4096);
	}
	return NULL;
}

static void *churn(void *arg)
{
	char *p;
	int i;

	(void)arg;
	while (!stop) {
		p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED) {
			bad = 2;
			break;
		}
		for (i = 0; i < 64; i++)
			p[i * 4096] = i;
		munmap(p, 64 * 4096);
	}
	return NULL;
}

static int child(void)
{
	int *map = mapped, i;

	for (i = 0; i < PAGES; i++)
		if (!words[i * 512])
			return 2;
	if (map && (map[0] != 7 || map[15 * 1024] != 7))
		return 3;
	return 0;
}

MOVE_TEST(fork_threads)
{
	void *(*const work[])(void *) = { change, remap, churn };
	char name[] = "/tmp/fork_threads.XXXXXX";
	pthread_t thread[3];
	int i, page[1024], status;
	pid_t pid;

	for (i = 0; i < 1024; i++)
		page[i] = 7;
	file = mkstemp(name);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, unlink(name));
	for (i = 0; i < 16; i++)
		ASSERT_EQ((ssize_t)sizeof(page), write(file, page, sizeof(page)));
	words = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, words);
	for (i = 0; i < PAGES; i++)
		words[i * 512] = 1;
	stop = bad = 0;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work[i], NULL));
	move_begin();
	move_here();
	for (i = 0; i < FORKS; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child());
		status = wait_for(pid);
		EXPECT_EQ(0, status);
	}
	stop = 1;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, bad);
	munmap((void *)words, PAGES * 4096);
	close(file);
}
