// SPDX-License-Identifier: GPL-2.0
/*
 * A process of several threads ends at any moment of a move: by exit_group() or exec of a thread that is
 * not the first, by SIGKILL, or with its last thread.
 */
#include "../move.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define CHILDREN	8

static int kind, after_us;
static volatile int stop;

static void *works(void *arg)
{
	char *p;

	while (!stop) {
		p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		p[4096] = getppid();
		munmap(p, 65536);
	}
	return arg;
}

static void *ends(void *arg)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + after_us * 1000LL;

	while (clock_ns(CLOCK_MONOTONIC) < end)
		;
	switch (kind) {
	case 0:
		_exit(40);
	case 1:
		execl("/bin/sh", "sh", "-c", "exit 40", NULL);
		_exit(1);
	case 2:
		kill(getpid(), SIGKILL);
	}
	stop = 1;
	return arg;
}

static void child(struct __test_metadata *_metadata)
{
	pthread_t thread;
	int i;

	stop = 0;
	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, works, NULL);
	move_begin();
	move_later(20);
	pthread_create(&thread, NULL, ends, NULL);
	if (kind == 3)
		pthread_exit(NULL);
	for (;;)
		pause();
}

MOVE_TEST(exit_midway)
{
	static const int want[] = { 40 << 8, 40 << 8, SIGKILL, 0 };
	pid_t pid;
	int i;

	for (i = 0; i < CHILDREN; i++) {
		kind = i % 4;
		after_us = pattern(i) % 50000 * move_slow();
		pid = fork();
		if (!pid)
			child(_metadata);
		EXPECT_EQ(want[kind], wait_for(pid));
	}
}
