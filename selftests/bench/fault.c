// SPDX-License-Identifier: GPL-2.0
/*
 * fault MIB - what it costs to touch a page that is still on the other node
 *
 * Touches MIB of memory, says "ready", waits until it has been moved, and at once reads one byte of
 * each page, in random order, until there has been enough time for the rest to arrive by itself.
 * Prints "COUNT NS": of the touches that had to wait, how many there were and the median. The others
 * found their page there already.
 */
#include "bench.h"

#define WAITED_NS	30000	/* no local fault takes that long on an idle machine */
#define MAX_FAULTS	2000

int main(int argc, char **argv)
{
	static int64_t waits[MAX_FAULTS];
	uint64_t random = 2463534242ULL;
	volatile unsigned char *memory;
	size_t pages, tries, n = 0;
	int64_t start, took;

	if (argc != 2)
		errx(2, "use: fault MIB");
	pages = strtoul(argv[1], NULL, 10) << 8;
	memory = touched_memory(pages);
	wait_moved();
	for (tries = 0; n < MAX_FAULTS && tries < pages; tries++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		start = now_ns();
		(void)memory[random % pages * PAGE];
		took = now_ns() - start;
		if (took > WAITED_NS)
			waits[n++] = took;
	}
	start = median(waits, n);
	printf("%zu %lld\n", n, (long long)start);
	return 0;
}
