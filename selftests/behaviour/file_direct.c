// SPDX-License-Identifier: GPL-2.0
/*
 * O_DIRECT: past the cache, where the filesystem can; buffers, offsets and lengths that are not aligned are
 * refused as at home. On a disk with NAMED_DIR; memory (tmpfs) has no such files.
 */
#include "../move.h"
#include <sys/uio.h>

#define BLOCK	4096
#define BLOCKS	24

static char *aligned(size_t size)
{
	void *p;

	return posix_memalign(&p, BLOCK, size) ? NULL : p;
}

static void transfers(struct __test_metadata *_metadata, int fd)
{
	char *data = aligned(BLOCKS * BLOCK), *seen = aligned(BLOCKS * BLOCK);
	struct iovec iov[2];
	int i;

	ASSERT_NE(NULL, data);
	ASSERT_NE(NULL, seen);
	pattern_fill(data, BLOCKS * BLOCK, 3);
	for (i = 0; i < BLOCKS; i += 3)
		ASSERT_EQ(3 * BLOCK, pwrite(fd, data + i * BLOCK, 3 * BLOCK, i * BLOCK));
	move_here();
	ASSERT_EQ(BLOCKS * BLOCK, pread(fd, seen, BLOCKS * BLOCK, 0));
	EXPECT_EQ(-1, pattern_check(seen, BLOCKS * BLOCK, 3));
	memset(seen, 0, BLOCKS * BLOCK);
	iov[0] = (struct iovec){ seen + 8 * BLOCK, 8 * BLOCK };
	iov[1] = (struct iovec){ seen, 8 * BLOCK };
	ASSERT_EQ(16 * BLOCK, preadv(fd, iov, 2, 8 * BLOCK));
	EXPECT_EQ(0, memcmp(seen + 8 * BLOCK, data + 8 * BLOCK, 8 * BLOCK));
	EXPECT_EQ(0, memcmp(seen, data + 16 * BLOCK, 8 * BLOCK));
	/* beyond the end there is nothing, across it there is less */
	EXPECT_EQ(0, pread(fd, seen, BLOCK, BLOCKS * BLOCK));
	EXPECT_EQ(BLOCK, pread(fd, seen, 4 * BLOCK, (BLOCKS - 1) * BLOCK));
	EXPECT_EQ(-1, pread(fd, seen + 1, BLOCK, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, pread(fd, seen, BLOCK, 7));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, pwrite(fd, seen, 100, 0));
	EXPECT_EQ(EINVAL, errno);
	free(data);
	free(seen);
}

MOVE_TEST(file_direct)
{
	const char *dir = getenv("NAMED_DIR");
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/direct", dir ?: ".");
	move_begin();
	move_here();
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0600);
	if (dir) {
		ASSERT_LE(0, fd);
		transfers(_metadata, fd);
		/* with the flag gone they need not be aligned */
		EXPECT_EQ(0, fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_DIRECT));
		EXPECT_EQ(4, pwrite(fd, "four", 4, 1));
		EXPECT_EQ(0, close(fd));
	} else {
		EXPECT_EQ(-1, fd);
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(0, unlink(path));
}
