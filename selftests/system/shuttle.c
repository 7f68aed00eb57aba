// SPDX-License-Identifier: GPL-2.0
/*
 * shuttle - move a process to and fro until it ends
 *
 *	shuttle [-r NODE,NODE...] [-g MS] [-n MOVES] [-w MS] [-b S] PID
 *
 * Goes through the route again and again (default 2,home), waiting -g ms (default 200)
 * between two moves, first -w ms (default 0). Ends after -n moves, or when the
 * process does. Prints the number of moves; the exit status is 1 when a move failed
 * for another reason than that the process has ended, or is busy for over -b seconds (default 20).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../gone.h"

#define ENDING_MS	2000

static long busy_ms = 20000;

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Why it cannot move, if it says so. */
static void explain(int pid)
{
	char path[64], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "can_move", strlen("can_move")))
			fputs(line, stderr);
	if (f)
		fclose(f);
}

static int move(int pid, const char *node)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, node, strlen(node)) < 0)
		err = errno;
	close(fd);
	return err;
}

static int move_patiently(int pid, const char *node)
{
	long end = now_ms() + busy_ms;
	int err;

	while ((err = move(pid, node)) == EBUSY && now_ms() < end && !gone(pid))
		usleep(10000);
	/* it may have been on its way out */
	end = now_ms() + ENDING_MS;
	while (err && !gone(pid) && now_ms() < end)
		usleep(1000);
	return err;
}

static int split(char *route, char **nodes, int max)
{
	char *node;
	int n = 0;

	for (node = strtok(route, ","); node && n < max; node = strtok(NULL, ","))
		nodes[n++] = node;
	return n;
}

int main(int argc, char **argv)
{
	char fallback[] = "2,home", *route = fallback, *nodes[16];
	int opt, pid, n, err, gap = 200, max = 0, first = 0, moves = 0;

	while ((opt = getopt(argc, argv, "r:g:n:w:b:")) != -1) {
		switch (opt) {
		case 'r': route = optarg; break;
		case 'g': gap = atoi(optarg); break;
		case 'b': busy_ms = atol(optarg) * 1000; break;
		case 'n': max = atoi(optarg); break;
		case 'w': first = atoi(optarg); break;
		default: return 2;
		}
	}
	n = split(route, nodes, 16);
	if (optind + 1 != argc || !n)
		return 2;
	pid = atoi(argv[optind]);
	usleep(first * 1000);
	while (!max || moves < max) {
		if (gone(pid))
			break;
		err = move_patiently(pid, nodes[moves % n]);
		if (err && gone(pid))
			break;
		if (err) {
			fprintf(stderr, "moving %d to %s: %s\n", pid, nodes[moves % n],
				strerror(err));
			explain(pid);
			printf("%d\n", moves);
			return 1;
		}
		moves++;
		usleep(gap * 1000);
	}
	printf("%d\n", moves);
	return 0;
}
