// SPDX-License-Identifier: GPL-2.0
/* Shared memory is used by its descriptor and by its mapping in turn: both are the same. */
#include "../named.h"
#include <sys/sendfile.h>

static void use(struct __test_metadata *_metadata, int fd, char *p)
{
	static char data[NAMED_HALF];
	int ends[2];
	char *again;

	move_here();
	/* the mapping, then the descriptor */
	pattern_fill(p, NAMED_HALF, 1);
	ASSERT_EQ((ssize_t)NAMED_HALF, pread(fd, data, NAMED_HALF, 0));
	EXPECT_EQ(-1, pattern_check(data, NAMED_HALF, 1));
	move_here();
	/* the other way round */
	pattern_fill(data, NAMED_HALF, 2);
	ASSERT_EQ((ssize_t)NAMED_HALF, pwrite(fd, data, NAMED_HALF, NAMED_HALF));
	EXPECT_EQ(-1, pattern_check(p + NAMED_HALF, NAMED_HALF, 2));
	move_here();
	pattern_fill(p, 4096, 3);
	named_pipe(ends);
	ASSERT_EQ(4096, sendfile(ends[1], fd, &(off_t){ 0 }, 4096));
	ASSERT_EQ(4096, read(ends[0], data, 4096));
	EXPECT_EQ(-1, pattern_check(data, 4096, 3));
	close(ends[0]);
	close(ends[1]);
	move_here();
	/* cut off and made longer: zeroes */
	pattern_fill(p, NAMED_HALF, 4);
	ASSERT_EQ(0, ftruncate(fd, 4096));
	move_here();
	ASSERT_EQ(0, ftruncate(fd, NAMED_BYTES));
	EXPECT_EQ(-1, pattern_check(p, 4096, 4));
	EXPECT_EQ(0, p[4096]);
	EXPECT_EQ(0, p[NAMED_BYTES - 1]);
	move_here();
	/* copied from one part to another */
	EXPECT_EQ(4096, copy_file_range(fd, &(off_t){ 0 }, fd, &(off_t){ NAMED_HALF }, 4096, 0));
	EXPECT_EQ(-1, pattern_check(p + NAMED_HALF, 4096, 4));
	move_here();
	/* one more mapping */
	pattern_fill(p, NAMED_HALF, 5);
	again = mmap(NULL, NAMED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, again);
	EXPECT_EQ(-1, pattern_check(again, NAMED_HALF, 5));
	move_here();
	pattern_fill(again, NAMED_HALF, 6);
	EXPECT_EQ(-1, pattern_check(p, NAMED_HALF, 6));
	EXPECT_EQ(0, munmap(again, NAMED_BYTES));
}

MOVE_TEST(named_descriptor)
{
	char *p;
	int fd;

	named_begin();
	fd = named_open();
	p = mmap(NULL, NAMED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	move_begin();
	use(_metadata, fd, p);
	EXPECT_EQ(0, munmap(p, NAMED_BYTES));
	close(fd);
	EXPECT_EQ(0, unlink(named_path));

	fd = memfd_create("test", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, NAMED_BYTES));
	p = mmap(NULL, NAMED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	use(_metadata, fd, p);
	EXPECT_EQ(0, munmap(p, NAMED_BYTES));
	close(fd);
}
