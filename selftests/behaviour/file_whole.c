// SPDX-License-Identifier: GPL-2.0
/* A large read or write of a regular file is done whole, also in the middle of moves. */
#include "../move.h"
#include <fcntl.h>

#define SIZE	(9 << 20)

MOVE_TEST(file_whole)
{
	int file = open("whole", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *buf = malloc(SIZE);

	ASSERT_LE(0, file);
	ASSERT_NE(NULL, buf);
	memset(buf, 1, SIZE);
	move_begin();
	move_here();
	do {
		memset(buf, 7, SIZE);
		ASSERT_EQ(SIZE, pwrite(file, buf, SIZE, 0));
		memset(buf, 1, SIZE);
		ASSERT_EQ(SIZE, pread(file, buf, SIZE, 0));
		ASSERT_EQ(7, buf[SIZE - 1]);
	} while (!move_done());
	free(buf);
	close(file);
}
