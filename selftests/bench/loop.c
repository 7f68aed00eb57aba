// SPDX-License-Identifier: GPL-2.0
/*
 * loop - how fast a program computes at home and away
 *
 * Times the same work (integers, floating point, memory) at home, says "ready", waits until it has
 * been moved, and times it again there. Prints "HOME AWAY" in ns, each the median of ROUNDS.
 */
#include "bench.h"

#define ROUNDS	15
#define STEPS	2000000
#define WORDS	(64 * 1024)

static uint32_t table[WORDS];
static volatile double sink;

static void work(void)
{
	uint32_t x = 1;
	double sum = 0;
	long i;

	for (i = 0; i < STEPS; i++) {
		x = x * 1664525 + 1013904223;
		table[x % WORDS] += x;
		sum += 1.0 / (1 + (x & 1023));
	}
	sink = sum;
}

static int64_t measure(void)
{
	int64_t rounds[ROUNDS], start;
	int i;

	work();
	for (i = 0; i < ROUNDS; i++) {
		start = now_ns();
		work();
		rounds[i] = now_ns() - start;
	}
	return median(rounds, ROUNDS);
}

int main(void)
{
	int64_t home = measure();

	wait_moved();
	printf("%lld %lld\n", (long long)home, (long long)measure());
	return 0;
}
