/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a behaviour test says to `mover`, the process that moves it.
 *
 * A test program is one MOVE_TEST(): its body is run at least once and, when the mode wants
 * more moves, again and again in the same process, so it must leave nothing behind.
 *
 *	MOVE_TEST(name)
 *	{
 *		... set up; forks go here ...
 *		move_begin();		from here on it may be moved at any moment
 *		move_here();		returns when it has been moved
 *		... check ...
 *	}
 *
 * A body may instead fork a child that calls move_begin(); then the child is moved
 * and the body, which never moves, judges it.
 *
 * Without a mover (the program started by hand) nobody moves and the body runs once.
 */
#ifndef MOVE_H
#define MOVE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where the mover listens, in every program that it starts. */
#define MOVE_FD	200

/**
 * enum move_op - what a program tells or asks the mover
 * @MOVE_BEGIN: I am the one to move, from now on
 * @MOVE_HERE: move me now; answered when that is done
 * @MOVE_LATER: move me in move_msg.ms; answered at once
 * @MOVE_DONE: has that move happened?
 * @MOVE_WAIT: the same, answered when it has
 * @MOVE_END: do not move me any more, and take me home
 * @MOVE_STAY: do not move me any more; I stay where I am
 * @MOVE_AGAIN: do you want the body once more?
 */
enum move_op {
	MOVE_BEGIN = 1, MOVE_HERE, MOVE_LATER, MOVE_DONE, MOVE_WAIT, MOVE_END, MOVE_STAY, MOVE_AGAIN,
};

/** struct move_msg - one message to the mover; the answer is one byte, 0 or 1 */
struct move_msg {
	uint32_t op;
	int32_t pid;
	uint32_t ms;
};

/* How many times slower than the stock kernel this one is. */
static inline int move_slow(void)
{
	const char *slow = getenv("MOVE_SLOW");

	return slow ? atoi(slow) : 1;
}

#ifndef MOVER
#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	600	/* the mover's limit is the one that counts */

static inline int move_ask(enum move_op op, unsigned int ms)
{
	struct move_msg msg = { .op = op, .pid = getpid(), .ms = ms };
	int saved = errno;
	char answer;
	ssize_t n;

	if (write(MOVE_FD, &msg, sizeof(msg)) != sizeof(msg)) {
		if (errno != EBADF)
			abort();
		errno = saved;
		return op != MOVE_AGAIN;
	}
	do
		n = read(MOVE_FD, &answer, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		abort();
	errno = saved;
	return answer;
}

/*
 * The harness shares a page with its parent, for the reason of a SKIP. A process that
 * shares memory with another cannot move, so decide on skipping before this.
 */
static inline void __move_begin(struct __test_metadata *t)
{
	if (mmap(t->results, sizeof(*t->results), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		abort();
	move_ask(MOVE_BEGIN, 0);
}

#define move_begin()	__move_begin(_metadata)

static inline void move_here(void)
{
	move_ask(MOVE_HERE, 0);
}

/* To be moved in about @ms milliseconds, whatever the program does then. */
static inline void move_later(unsigned int ms)
{
	move_ask(MOVE_LATER, ms * move_slow());
}

/* True when the move of move_later() is over. */
static inline int move_done(void)
{
	return move_ask(MOVE_DONE, 0);
}

static inline void move_wait(void)
{
	move_ask(MOVE_WAIT, 0);
}

/* Back home, if need be, and not moved again. */
static inline void move_end(void)
{
	move_ask(MOVE_END, 0);
}

/* Not moved again, but left where it is: what follows would keep it from moving, or look at it. */
static inline void move_stay(void)
{
	move_ask(MOVE_STAY, 0);
}

#define MOVE_TEST(test) \
	static void test##_body(struct __test_metadata *_metadata); \
	TEST(test##_moves) \
	{ \
		do \
			test##_body(_metadata); \
		while (_metadata->passed && !_metadata->skip && move_ask(MOVE_AGAIN, 0)); \
	} \
	TEST_HARNESS_MAIN \
	static void test##_body(struct __test_metadata *_metadata)

/* ---- what many tests need ---- */

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		abort();
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static inline int64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static inline struct timespec ms_ts(long ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

static inline void sleep_ms(long ms)
{
	struct timespec ts = ms_ts(ms);

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* Timed calls wait for WAIT_MS; at MOVE_MS of them they are moved. Starting again with
 * the full time would exceed WAIT_MS + SLACK_MS.
 */
#define WAIT_MS		(2400 * move_slow())
#define MOVE_MS		2100
#define SLACK_MS	(2000 * move_slow())

/*
 * How far the clock that the program reads may be off from the one that its sleeps end by:
 * CLOCK_MONOTONIC is carried over at a move, the wall clocks of two machines are their own.
 */
#define MONO_SLOP_MS	20
#define WALL_SLOP_MS	1000

/* @start: now_ms() before a wait for @ms. */
#define EXPECT_TOOK(start, ms) do { \
	int64_t __took = now_ms() - (start); \
	EXPECT_GE(__took, (ms) - MONO_SLOP_MS); \
	EXPECT_LE(__took, (ms) + SLACK_MS); \
} while (0)

static inline void on_signal(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	if (sigaction(sig, &sa, NULL))
		abort();
}

static inline sigset_t sigset_of(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

/* A pattern that differs from page to page and from word to word. */
static inline uint64_t pattern(uint64_t i)
{
	i += 0x9e3779b97f4a7c15;
	i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9;
	i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
	return i ^ (i >> 31);
}

static __attribute__((noinline, unused)) void pattern_fill(void *p, size_t bytes, uint64_t seed)
{
	uint64_t *w = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		w[i] = pattern(seed + i);
}

/* Number of the first wrong byte, or -1. */
static __attribute__((noinline, unused)) long pattern_check(const void *p, size_t bytes, uint64_t seed)
{
	const uint64_t *w = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		if (w[i] != pattern(seed + i))
			return i * 8;
	return -1;
}

/* The wait status of a child; for judges, which never move. */
static inline int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			abort();
	return status;
}

/* The number in the line "KEY: NUMBER" of /proc/PID/migrate, -1 if there is none. */
static __attribute__((unused)) int migrate_number(pid_t pid, const char *key)
{
	char path[64], text[4096] = "", *p = text;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	while (p && (strncmp(p, key, strlen(key)) || p[strlen(key)] != ':')) {
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return p ? atoi(p + strlen(key) + 1) : -1;
}

/*
 * Ask for a move of another process, as often as it is busy (@patient) or once. Return: 0 or the errno of
 * the write; ENOENT without the module.
 */
static __attribute__((unused)) int move_other(pid_t pid, const char *node, int patient)
{
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	do {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		err = fd < 0 || write(fd, node, strlen(node)) < 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
	} while (patient && err == EBUSY && !usleep(10000));
	return err;
}

/* A child that is moved, and then counts where it is, for who reads from @out; does not return. */
static __attribute__((unused)) void count_away(struct __test_metadata *_metadata, int out)
{
	int n;

	move_begin();
	for (n = 0; n < 5; n++)
		move_here();
	move_stay();
	for (n = 0; write(out, &n, sizeof(n)) == sizeof(n); n++)
		usleep(500);
	_exit(1);
}

/* Burn CPU in user mode until the move of move_later() is over. */
static inline void spin_until_moved(void)
{
	volatile unsigned int i;

	do
		for (i = 0; i < 3000000; i++)
			;
	while (!move_done());
}

#endif /* MOVER */
#endif /* MOVE_H */
