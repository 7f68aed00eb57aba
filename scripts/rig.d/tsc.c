// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frequency of the time stamp counter in kHz.
 *
 * Emulated processors pass the counter of this machine on. A node that measured it itself, on a
 * machine that is busy, would get it wrong, and its clocks would run too fast or too slow.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* The counter and the time of one moment: the closest of some tries. */
static void sample(uint64_t *tsc, int64_t *ns)
{
	int64_t before, after, best = INT64_MAX;
	uint64_t read;
	int i;

	for (i = 0; i < 100; i++) {
		before = now_ns();
		read = __rdtsc();
		after = now_ns();
		if (after - before >= best)
			continue;
		best = after - before;
		*tsc = read;
		*ns = before + best / 2;
	}
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	uint64_t tsc[2];
	int64_t ns[2];

	sample(&tsc[0], &ns[0]);
	nanosleep(&pause, NULL);
	sample(&tsc[1], &ns[1]);
	printf("%.0f\n", (double)(tsc[1] - tsc[0]) * 1e6 / (ns[1] - ns[0]));
	return 0;
}
