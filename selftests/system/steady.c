// SPDX-License-Identifier: GPL-2.0
/*
 * steady - compute with 8 MiB of memory and make no system call, until SIGTERM
 *
 * Ends with status 0, or at once with 3 when the memory is not what it should be. Whatever the kernel
 * allocates for it, it allocates to move it.
 */
#include <signal.h>
#include <stdint.h>

#define N	(1 << 20)

static uint64_t slots[N];
static volatile sig_atomic_t stop;

static void handler(int sig)
{
	(void)sig;
	stop = 1;
}

int main(void)
{
	uint64_t i, round;

	signal(SIGTERM, handler);
	for (i = 0; i < N; i++)
		slots[i] = i;
	for (round = 0; ; round++) {
		for (i = 0; i < N; i++) {
			if (stop)
				return 0;
			if (slots[i]++ != i + round)
				return 3;
		}
	}
}
