// SPDX-License-Identifier: GPL-2.0
/* Thousands of small calls in a row, moved among them, each answered with its own result. */
#include "../move.h"

#define CALLS	1500

MOVE_TEST(proc_many_calls)
{
	uint32_t in, out;
	int fds[2], i;

	ASSERT_EQ(0, pipe(fds));
	move_begin();
	move_later(20);
	for (i = 0; i < CALLS; i++) {
		out = i * 2654435761U;
		ASSERT_EQ(4, write(fds[1], &out, 4));
		ASSERT_EQ(4, read(fds[0], &in, 4));
		ASSERT_EQ(out, in);
		ASSERT_EQ(-1, lseek(fds[0], i, SEEK_SET));
		ASSERT_EQ(ESPIPE, errno);
	}
	move_wait();
	close(fds[0]);
	close(fds[1]);
}
