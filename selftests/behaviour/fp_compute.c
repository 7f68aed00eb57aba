// SPDX-License-Identifier: GPL-2.0
/* A long floating-point computation gives the same bits when it is moved in its midst. */
#include "../move.h"
#include <math.h>

static double series(long from, long to, double sum)
{
	long i;

	for (i = from; i < to; i++)
		sum += ((i & 1) ? -1.0 : 1.0) / (2.0 * i + 1.0) + sin(i) * 1e-9;
	return sum;
}

MOVE_TEST(fp_compute)
{
	const long n = 300000;
	double want = series(0, n, 0), got = 0;
	long i;

	move_begin();
	do {
		got = 0;
		move_later(10);
		for (i = 0; i < n; i += 1000)
			got = series(i, i + 1000, got);
	} while (!move_done());
	EXPECT_EQ(0, memcmp(&want, &got, sizeof(want)));
}
