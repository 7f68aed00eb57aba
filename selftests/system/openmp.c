// SPDX-License-Identifier: GPL-2.0
/* openmp N - parallel loops, reductions and critical sections; what it prints does not depend on time */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE	20000

int main(int argc, char **argv)
{
	static double cell[SIZE], next[SIZE];
	int rounds = argc > 1 ? atoi(argv[1]) : 1, round, i, most = 0;
	long visits = 0, hits = 0;

	for (i = 0; i < SIZE; i++)
		cell[i] = i % 97;
	for (round = 0; round < rounds; round++) {
		#pragma omp parallel for schedule(dynamic, 500)
		for (i = 0; i < SIZE; i++)
			next[i] = (cell[(i + SIZE - 1) % SIZE] + 2 * cell[i] + cell[(i + 1) % SIZE]) / 4;
		#pragma omp parallel
		{
			#pragma omp critical
			visits++;
			#pragma omp for reduction(+ : hits) reduction(max : most)
			for (i = 0; i < SIZE; i++) {
				cell[i] = next[i] + sin(i + round) / 100;
				hits += cell[i] > 48;
				most = cell[i] > most ? (int)cell[i] : most;
			}
		}
	}
	printf("%ld visits of %d threads, %ld hits, at most %d, %.12f\n", visits,
	       omp_get_max_threads(), hits, most, cell[SIZE / 2]);
	return 0;
}
