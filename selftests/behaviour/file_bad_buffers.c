// SPDX-License-Identifier: GPL-2.0
/* EFAULT where a machine of one piece says EFAULT, and partial results where it says those. */
#include "../move.h"
#include <sys/stat.h>
#include <sys/uio.h>

/* Not known to the compiler, which would warn. */
#define BAD	bad_pointer
static void * volatile bad_pointer = (void *)0x10;
static void * volatile null_pointer;

MOVE_TEST(file_bad_buffers)
{
	struct iovec iov[2] = { { "ok", 2 }, { (void *)0x10, 5 } };
	char *edge, text[16];
	int fd, fds[2];

	edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, edge);
	memset(edge, 'e', 4096);
	ASSERT_EQ(0, munmap(edge + 4096, 4096));
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(10, pwrite(fd, "0123456789", 10, 0));
	ASSERT_EQ(0, pipe(fds));
	move_begin();
	move_here();
	EXPECT_EQ(-1, read(fd, BAD, 5));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(-1, write(fd, BAD, 5));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, read(fd, null_pointer, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, open(BAD, O_RDONLY));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, stat("file", BAD));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(SYS_pipe2, BAD, 0));
	EXPECT_EQ(EFAULT, errno);
	/* The first four bytes are there: that is what is written. */
	EXPECT_EQ(4, write(fd, edge + 4092, 8));
	EXPECT_EQ(4, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(4, pread(fd, edge + 4092, 10, 0));
	EXPECT_EQ(2, writev(fd, iov, 2));
	EXPECT_EQ(6, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(-1, readv(fd, BAD, 2));
	EXPECT_EQ(EFAULT, errno);
	/* Read-only memory is no place to read to. */
	EXPECT_EQ(0, mprotect(edge, 4096, PROT_READ));
	EXPECT_EQ(-1, pread(fd, edge, 4, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write(fds[1], BAD, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(2, write(fds[1], "ab", 2));
	EXPECT_EQ(2, read(fds[0], text, sizeof(text)));
	/* Nothing to copy, nothing to fault on. */
	EXPECT_EQ(0, pread(fd, BAD, 5, 1000));
	EXPECT_EQ(0, read(fd, BAD, 0));
	EXPECT_EQ(0, munmap(edge, 4096));
	close(fds[0]);
	close(fds[1]);
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
