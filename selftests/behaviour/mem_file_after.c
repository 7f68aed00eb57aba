// SPDX-License-Identifier: GPL-2.0
/* A file opened and mapped after the move, and one whose descriptor is closed. */
#include "../move.h"

#define BYTES	(1UL << 20)

MOVE_TEST(mem_file_after)
{
	static uint64_t data[BYTES / 8];
	char *map, *offset;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	pattern_fill(data, BYTES, 6);
	ASSERT_EQ(BYTES, write(fd, data, BYTES));
	ASSERT_EQ(0, close(fd));
	move_begin();
	move_here();
	fd = open("file", O_RDONLY);
	ASSERT_LE(0, fd);
	map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	offset = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 12288);
	ASSERT_NE(MAP_FAILED, offset);
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-1, pattern_check(offset, 8192, 6 + 12288 / 8));
	map[0] ^= 1;
	EXPECT_EQ(-1, pattern_check(map + 4096, BYTES - 4096, 6 + 4096 / 8));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, unlink("file"));
	move_here();
	EXPECT_EQ(-1, pattern_check(offset, 8192, 6 + 12288 / 8));
	EXPECT_EQ(((char *)data)[0] ^ 1, map[0]);
	EXPECT_EQ(-1, pattern_check(map + 4096, BYTES - 4096, 6 + 4096 / 8));
	EXPECT_EQ(0, munmap(map, BYTES));
	EXPECT_EQ(0, munmap(offset, 8192));
}
