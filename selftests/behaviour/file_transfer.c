// SPDX-License-Identifier: GPL-2.0
/* sendfile, copy_file_range, splice and tee move data between descriptors at home. */
#include "../move.h"
#include <sys/sendfile.h>

#define BYTES	(64 * 1024)

static uint64_t data[BYTES / 8], got[BYTES / 8];

MOVE_TEST(file_transfer)
{
	loff_t from = 0, to = 0;
	int src, dst, p[2], q[2];
	off_t off = 0;

	pattern_fill(data, BYTES, 20);
	src = open("src", O_RDWR | O_CREAT | O_TRUNC, 0600);
	dst = open("dst", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, src);
	ASSERT_LE(0, dst);
	ASSERT_EQ(BYTES, write(src, data, BYTES));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, pipe(q));
	move_begin();
	move_here();
	EXPECT_EQ(BYTES / 2, sendfile(dst, src, &off, BYTES / 2));
	EXPECT_EQ(BYTES / 2, off);
	from = off;
	to = off;
	EXPECT_EQ(BYTES / 2, copy_file_range(src, &from, dst, &to, BYTES, 0));
	EXPECT_EQ(BYTES, from);
	EXPECT_EQ(BYTES, to);
	EXPECT_EQ(BYTES, pread(dst, got, BYTES, 0));
	EXPECT_EQ(-1, pattern_check(got, BYTES, 20));
	from = 4096;
	EXPECT_EQ(8192, splice(src, &from, p[1], NULL, 8192, 0));
	EXPECT_EQ(4096 + 8192, from);
	EXPECT_EQ(8192, tee(p[0], q[1], 8192, 0));
	to = 0;
	EXPECT_EQ(8192, splice(p[0], NULL, dst, &to, 8192, 0));
	move_here();
	EXPECT_EQ(8192, pread(dst, got, 8192, 0));
	EXPECT_EQ(-1, pattern_check(got, 8192, 20 + 512));
	memset(got, 0, sizeof(got));
	EXPECT_EQ(8192, read(q[0], got, 8192));
	EXPECT_EQ(-1, pattern_check(got, 8192, 20 + 512));
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
	close(src);
	close(dst);
	EXPECT_EQ(0, unlink("src"));
	EXPECT_EQ(0, unlink("dst"));
}
