// SPDX-License-Identifier: GPL-2.0
/*
 * calls [-m] [-b] COUNT CALL... - what system calls cost
 *
 * CALL: getppid, lseek, write (one byte to /dev/null), open (and close, of /dev/null). Each is made
 * COUNT times in a row, ROUNDS times over; prints "CALL NS", of the median round.
 *
 * -m: first says "ready" and waits until it has been moved to another node.
 * -b: prints the best of many rounds instead: what a call costs when nothing disturbs it.
 */
#include <sys/syscall.h>
#include "bench.h"

#define ROUNDS		15
#define ROUNDS_BEST	100

static int null, best;

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void do_lseek(void)
{
	lseek(null, 0, SEEK_SET);
}

static void do_write(void)
{
	if (write(null, "", 1) != 1)
		err(1, "/dev/null");
}

static void do_open(void)
{
	int fd = open("/dev/null", O_RDONLY);

	if (fd < 0)
		err(1, "/dev/null");
	close(fd);
}

static const struct {
	const char *name;
	void (*call)(void);
} calls[] = {
	{ "getppid", do_getppid },
	{ "lseek", do_lseek },
	{ "write", do_write },
	{ "open", do_open },
};

static int64_t measure(void (*call)(void), long count)
{
	int round, nr_rounds = best ? ROUNDS_BEST : ROUNDS;
	int64_t rounds[ROUNDS_BEST], start, middle;
	long i;

	for (round = 0; round < nr_rounds; round++) {
		start = now_ns();
		for (i = 0; i < count; i++)
			call();
		rounds[round] = (now_ns() - start) / count;
	}
	middle = median(rounds, nr_rounds);
	return best ? rounds[0] : middle;
}

int main(int argc, char **argv)
{
	long count;
	size_t i;

	null = open("/dev/null", O_RDWR);
	if (null < 0)
		err(1, "/dev/null");
	argv++;
	if (argc > 1 && !strcmp(*argv, "-m")) {
		wait_moved();
		argv++;
	}
	if (*argv && !strcmp(*argv, "-b")) {
		best = 1;
		argv++;
	}
	count = *argv ? strtol(*argv++, NULL, 10) : 0;
	if (count <= 0 || !*argv)
		errx(2, "use: calls [-m] [-b] COUNT CALL...");
	for (; *argv; argv++)
		for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			if (!strcmp(*argv, calls[i].name))
				printf("%s %lld\n", *argv,
				       (long long)measure(calls[i].call, count));
	return 0;
}
