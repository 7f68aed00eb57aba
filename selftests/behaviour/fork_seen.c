// SPDX-License-Identifier: GPL-2.0
/*
 * What one thread has forked another thread can wait for at once; and a child lives on if another
 * thread ends its parent, or gives it another program, as soon as the child has been forked.
 */
#include "../move.h"
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#define FORKS	40
#define LAST	8

/* Handed over through memory: what a thread of the same node may see before anybody else does. */
static volatile pid_t forked;
static volatile int bad;

static void *wait_at_once(void *arg)
{
	int status, i;
	pid_t pid;

	(void)arg;
	for (i = 0; i < FORKS; i++) {
		while (!(pid = forked))
			;
		if (waitpid(pid, &status, 0) != pid || status != 7 << 8)
			bad = errno ?: -1;
		forked = 0;
	}
	return NULL;
}

static void *end_at_once(void *arg)
{
	while (!forked)
		;
	if (arg)
		execl("/bin/true", "true", NULL);
	_exit(0);
}

/* A process whose one thread forks a child that writes into @fd, and whose other one ends it. */
static void last(int fd, int execs)
{
	pthread_t thread;
	pid_t pid;

	forked = 0;
	if (pthread_create(&thread, NULL, end_at_once, execs ? "" : NULL))
		_exit(1);
	pid = fork();
	if (!pid) {
		usleep(20000);
		_exit(write(fd, "x", 1) != 1);
	}
	forked = pid;
	for (;;)
		pause();
}

MOVE_TEST(fork_seen)
{
	int fds[2], i, status;
	pthread_t thread;
	char c;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	move_begin();
	move_here();
	bad = 0;
	forked = 0;
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_at_once, NULL));
	for (i = 0; i < FORKS; i++) {
		/* as fork(), or so that the kernel tells */
		pid = i % 2 ? fork() : syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, NULL,
					       &forked, NULL, NULL);
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(7);
		if (i % 2)
			forked = pid;
		while (forked)
			usleep(100);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, bad);
	for (i = 0; i < LAST; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			last(fds[1], i % 2);
		status = wait_for(pid);
		EXPECT_EQ(0, status);
		EXPECT_EQ(1, read(fds[0], &c, 1));
	}
	close(fds[0]);
	close(fds[1]);
}
