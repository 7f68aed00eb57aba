// SPDX-License-Identifier: GPL-2.0
/* vmsplice() puts user memory into a pipe. */
#include "../move.h"
#include <sys/uio.h>

MOVE_TEST(file_vmsplice)
{
	static uint64_t data[1024], got[1024];
	struct iovec iov = { data, sizeof(data) };
	int p[2];

	pattern_fill(data, sizeof(data), 21);
	ASSERT_EQ(0, pipe(p));
	move_begin();
	move_here();
	EXPECT_EQ(sizeof(data), vmsplice(p[1], &iov, 1, 0));
	EXPECT_EQ(sizeof(got), read(p[0], got, sizeof(got)));
	EXPECT_EQ(-1, pattern_check(got, sizeof(got), 21));
	close(p[0]);
	close(p[1]);
}
