// SPDX-License-Identifier: GPL-2.0
/* Room is made and given back: fallocate, holes and how they are found, advice, syncing. */
#include "../move.h"
#include <sys/stat.h>

#define BYTES	(1 << 20)

static char text[4096];

MOVE_TEST(file_holes)
{
	struct stat st;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	EXPECT_EQ(0, fallocate(fd, 0, 0, BYTES));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(BYTES, st.st_size);
	EXPECT_LE(BYTES / 512, st.st_blocks);
	EXPECT_EQ(0, fallocate(fd, FALLOC_FL_KEEP_SIZE, BYTES, BYTES));
	EXPECT_EQ(4, pwrite(fd, "data", 4, BYTES / 2));
	EXPECT_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, BYTES / 4));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_HOLE));
	EXPECT_LE(BYTES / 4, lseek(fd, 0, SEEK_DATA));
	EXPECT_EQ(-1, fallocate(fd, 0x4000, 0, 1));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, fallocate(fd, 0, 0, -1));
	EXPECT_EQ(EINVAL, errno);
	move_here();
	EXPECT_EQ(0, posix_fadvise(fd, 0, BYTES, POSIX_FADV_WILLNEED));
	EXPECT_EQ(0, syscall(SYS_fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	EXPECT_EQ(0, readahead(fd, 0, BYTES));
	EXPECT_EQ(0, fsync(fd));
	EXPECT_EQ(0, fdatasync(fd));
	EXPECT_EQ(0, sync_file_range(fd, 0, BYTES, SYNC_FILE_RANGE_WRITE));
	EXPECT_EQ(0, syncfs(fd));
	sync();
	EXPECT_EQ(4096, pread(fd, text, 4096, BYTES / 2));
	EXPECT_EQ(0, memcmp(text, "data", 5));
	EXPECT_EQ(0, ftruncate(fd, 10));
	EXPECT_EQ(10, lseek(fd, 0, SEEK_END));
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
