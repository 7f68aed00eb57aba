// SPDX-License-Identifier: GPL-2.0
/* A file that is mapped shared, and cannot be written, after the move. */
#include "../move.h"

#define BYTES	(5 * 4096)

MOVE_TEST(mem_file_shared_after)
{
	char *p, *q;
	int fd;

	fd = open("data", O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
	ASSERT_GE(fd, 0);
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	pattern_fill(p, BYTES, 5);
	ASSERT_EQ(BYTES, write(fd, p, BYTES));
	close(fd);
	move_begin();
	move_here();
	fd = open("data", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	q = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, q);
	EXPECT_EQ(-1, pattern_check(q, BYTES, 5));
	EXPECT_EQ(-1, mprotect(q, BYTES, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(EACCES, errno);
	close(fd);
	move_here();
	EXPECT_EQ(-1, pattern_check(q, BYTES, 5));
	munmap(q, BYTES);
	munmap(p, BYTES);
}
