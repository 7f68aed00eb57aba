// SPDX-License-Identifier: GPL-2.0
/*
 * gap [-r] MIB RESULT - the longest time for which this program is stopped
 *
 * Touches MIB of memory, writes its pid to RESULT, and then reads the clock and writes to its
 * pages, one after the other, until SIGTERM. Then RESULT holds the longest time between two
 * readings, in ns. Has no file open meanwhile.
 *
 * -r: by CLOCK_REALTIME, which is the same on all machines; CLOCK_MONOTONIC is not when it is CRIU
 *     that moves the program.
 */
#include <signal.h>
#include "bench.h"

static volatile sig_atomic_t enough;

static void on_term(int sig)
{
	(void)sig;
	enough = 1;
}

static void put_result(const char *path, int64_t value)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%lld\n", (long long)value);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, len) != len || close(fd))
		err(1, "%s", path);
}

int main(int argc, char **argv)
{
	clockid_t clock = CLOCK_MONOTONIC;
	int64_t last, now, longest = 0;
	unsigned char *memory;
	size_t pages, i = 0;

	if (argc == 4 && !strcmp(argv[1], "-r")) {
		clock = CLOCK_REALTIME;
		argv++;
		argc--;
	}
	if (argc != 3)
		errx(2, "use: gap [-r] MIB RESULT");
	pages = strtoul(argv[1], NULL, 10) << 8;
	signal(SIGTERM, on_term);
	memory = touched_memory(pages);
	put_result(argv[2], getpid());
	last = clock_ns(clock);
	while (!enough) {
		memory[i * PAGE]++;
		i = i + 1 < pages ? i + 1 : 0;
		now = clock_ns(clock);
		if (now - last > longest)
			longest = now - last;
		last = now;
	}
	put_result(argv[2], longest);
	return 0;
}
