// SPDX-License-Identifier: GPL-2.0
/*
 * storm THREADS - threads that map, touch, unmap, sleep, fork and send each other signals
 *
 * Says "started" when all of them run, goes on until standard input ends, and prints what has
 * happened. The exit status is 1 if anything was not as it should be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST	2000
#define PAGES	8

static volatile int stop;
static long rounds, forks, signals, bad;
static pid_t tids[MOST];
static int threads;

static void handler(int sig)
{
	(void)sig;
	__sync_fetch_and_add(&signals, 1);
}

static void wrong(long i, const char *what, long value)
{
	__sync_fetch_and_add(&bad, 1);
	fprintf(stderr, "thread %ld: %s %lx (%s)\n", i, what, value, strerror(errno));
}

static void memory(long i, unsigned int *seed)
{
	size_t len = 4096 * (1 + rand_r(seed) % PAGES), k;
	unsigned char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0);

	if (p == MAP_FAILED) {
		wrong(i, "mmap", len);
		return;
	}
	memset(p, i, len);
	/* all together wake as often, however many they are */
	usleep(rand_r(seed) % (threads * 4000));
	for (k = 0; k < len && p[k] == (unsigned char)i; k++)
		;
	if (k < len)
		wrong(i, "memory at", (long)(p + k));
	munmap(p, len);
}

static void child(long i)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(i % 100);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != (i % 100) << 8)
		wrong(i, "child", status);
	__sync_fetch_and_add(&forks, 1);
}

static void *work(void *arg)
{
	long i = (long)arg;
	unsigned int seed = i;
	pid_t tid;

	tids[i] = gettid();
	while (!stop) {
		memory(i, &seed);
		if (i % 50 == 0)
			child(i);
		tid = tids[rand_r(&seed) % threads];
		if (i % 10 == 1 && tid)
			tgkill(getpid(), tid, SIGUSR1);
		__sync_fetch_and_add(&rounds, 1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[MOST];
	pthread_attr_t attr;
	char byte;
	long i;

	threads = argc == 2 ? atoi(argv[1]) : 0;
	if (threads < 1 || threads > MOST) {
		fprintf(stderr, "usage: storm THREADS\n");
		return 2;
	}
	signal(SIGUSR1, handler);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (i = 0; i < threads; i++) {
		errno = pthread_create(&thread[i], &attr, work, (void *)i);
		if (errno) {
			perror("storm: a thread");
			return 2;
		}
	}
	printf("started\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	stop = 1;
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	printf("%ld rounds, %ld forks, %ld signals, %ld wrong\n", rounds, forks, signals, bad);
	return bad || !rounds || !forks || !signals;
}
