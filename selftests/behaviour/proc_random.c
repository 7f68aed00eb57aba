// SPDX-License-Identifier: GPL-2.0
/* getrandom() and /dev/urandom fill the whole buffer with something else each time. */
#include "../move.h"
#include <sys/random.h>

MOVE_TEST(proc_random)
{
	uint64_t a[64] = { 0 }, b[64] = { 0 };
	int i, fd, same = 0;

	move_begin();
	move_here();
	EXPECT_EQ(sizeof(a), getrandom(a, sizeof(a), 0));
	fd = open("/dev/urandom", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(sizeof(b), read(fd, b, sizeof(b)));
	close(fd);
	for (i = 0; i < 64; i++) {
		EXPECT_NE(0, a[i]);
		EXPECT_NE(0, b[i]);
		same += a[i] == b[i];
	}
	EXPECT_EQ(0, same);
}
