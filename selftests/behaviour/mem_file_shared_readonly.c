// SPDX-License-Identifier: GPL-2.0
/* A shared mapping of a file that was opened for reading moves like a private one. */
#include "../move.h"

#define BYTES	(256UL << 10)

MOVE_TEST(mem_file_shared_readonly)
{
	static uint64_t data[BYTES / 8];
	char *map;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	pattern_fill(data, BYTES, 8);
	ASSERT_EQ(BYTES, write(fd, data, BYTES));
	close(fd);
	fd = open("file", O_RDONLY);
	ASSERT_LE(0, fd);
	map = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(-1, pattern_check(map, BYTES / 2, 8));
	move_begin();
	move_here();
	EXPECT_EQ(-1, pattern_check(map, BYTES, 8));
	EXPECT_EQ(-1, mprotect(map, 4096, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, munmap(map, BYTES));
	EXPECT_EQ(0, close(fd));
}
