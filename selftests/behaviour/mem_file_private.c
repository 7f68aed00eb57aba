// SPDX-License-Identifier: GPL-2.0
/* A private file mapping: pages read after the move are the file's, written ones stay private. */
#include "../move.h"

#define PAGES	512

MOVE_TEST(mem_file_private)
{
	static uint64_t data[PAGES * 512];
	char *map, byte;
	int fd, i;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	pattern_fill(data, sizeof(data), 4);
	ASSERT_EQ(sizeof(data), write(fd, data, sizeof(data)));
	map = mmap(NULL, sizeof(data), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < PAGES; i += 8)
		map[i * 4096] ^= 0x55;
	move_begin();
	move_here();
	for (i = 1; i < PAGES; i += 8)
		map[i * 4096] ^= 0xaa;
	for (i = 0; i < PAGES; i++) {
		ASSERT_EQ((char)(((char *)data)[i * 4096] ^ (i % 8 == 0 ? 0x55 : i % 8 == 1 ? 0xaa : 0)),
			  map[i * 4096]);
		ASSERT_EQ(0, memcmp(map + i * 4096 + 1, (char *)data + i * 4096 + 1, 4095));
	}
	move_here();
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, memcmp(map + i * 4096 + 1, (char *)data + i * 4096 + 1, 4095));
	for (i = 0; i < 16; i++) {
		ASSERT_EQ(1, pread(fd, &byte, 1, i * 4096));
		EXPECT_EQ(((char *)data)[i * 4096], byte);
	}
	EXPECT_EQ(0, munmap(map, sizeof(data)));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
}
