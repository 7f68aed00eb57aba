// SPDX-License-Identifier: GPL-2.0
/* One write() and one read() of 13 MiB: whole, and the same bytes. */
#include "../move.h"

#define BYTES	(13UL << 20)

MOVE_TEST(file_big)
{
	uint64_t *out, *in, i, wrong = 0;
	int fd;

	out = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, out);
	for (i = 0; i < BYTES / 8; i++)
		out[i] = i * 0x9e3779b97f4a7c15;
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	EXPECT_EQ(BYTES, write(fd, out, BYTES));
	ASSERT_EQ(0, munmap(out, BYTES));
	in = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, in);
	EXPECT_EQ(BYTES, pread(fd, in, BYTES, 0));
	for (i = 0; i < BYTES / 8; i++)
		wrong += in[i] != i * 0x9e3779b97f4a7c15;
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, munmap(in, BYTES));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, unlink("file"));
}
