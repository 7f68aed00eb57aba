// SPDX-License-Identifier: GPL-2.0
/* A block device: a file as a disk, set up, asked, read and written while away. */
#include "../move.h"
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#define SIZE	(1 << 20)

/* A free one, with @file. Others may be as quick. */
static int disk_of(struct __test_metadata *_metadata, int file)
{
	int control, nr, disk, tries = 0;
	char path[32];

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, control);
	do {
		nr = ioctl(control, LOOP_CTL_GET_FREE);
		ASSERT_LE(0, nr);
		snprintf(path, sizeof(path), "/dev/loop%d", nr);
		disk = open(path, O_RDWR | O_CLOEXEC);
		ASSERT_LE(0, disk);
		if (ioctl(disk, LOOP_SET_FD, file) == 0)
			break;
		ASSERT_EQ(EBUSY, errno);
		close(disk);
	} while (++tries < 20);
	close(control);
	return disk;
}

MOVE_TEST(file_block)
{
	static char data[SIZE / 2], seen[SIZE / 2];
	struct loop_info64 info;
	uint64_t bytes = 0;
	unsigned long sectors = 0;
	int file, disk, block = 0, ro = -1;

	if (access("/dev/loop-control", F_OK))
		ASSERT_EQ(0, system("modprobe -q loop"));
	file = open("disk", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, ftruncate(file, SIZE));
	move_begin();
	move_here();
	disk = disk_of(_metadata, file);
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, ioctl(disk, LOOP_GET_STATUS64, &info));
	EXPECT_EQ(0, info.lo_offset);
	strcpy((char *)info.lo_file_name, "behaviour");
	EXPECT_EQ(0, ioctl(disk, LOOP_SET_STATUS64, &info));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, ioctl(disk, LOOP_GET_STATUS64, &info));
	EXPECT_STREQ("behaviour", (char *)info.lo_file_name);
	move_here();
	EXPECT_EQ(0, ioctl(disk, BLKGETSIZE64, &bytes));
	EXPECT_EQ(SIZE, bytes);
	EXPECT_EQ(0, ioctl(disk, BLKGETSIZE, &sectors));
	EXPECT_EQ(SIZE / 512, sectors);
	EXPECT_EQ(0, ioctl(disk, BLKSSZGET, &block));
	EXPECT_EQ(512, block);
	EXPECT_EQ(0, ioctl(disk, BLKROGET, &ro));
	EXPECT_EQ(0, ro);
	pattern_fill(data, sizeof(data), 8);
	EXPECT_EQ((ssize_t)sizeof(data), pwrite(disk, data, sizeof(data), SIZE / 4));
	EXPECT_EQ(0, fsync(disk));
	EXPECT_EQ(0, ioctl(disk, BLKFLSBUF, 0));
	EXPECT_EQ((ssize_t)sizeof(seen), pread(file, seen, sizeof(seen), SIZE / 4));
	EXPECT_EQ(0, memcmp(data, seen, sizeof(seen)));
	move_here();
	memset(seen, 0, sizeof(seen));
	EXPECT_EQ((ssize_t)sizeof(seen), pread(disk, seen, sizeof(seen), SIZE / 4));
	EXPECT_EQ(0, memcmp(data, seen, sizeof(seen)));
	EXPECT_EQ(-1, pwrite(disk, data, 512, SIZE));
	EXPECT_EQ(ENOSPC, errno);
	/* what such a disk says of ioctls that are not for it */
	EXPECT_EQ(-1, ioctl(disk, TIOCGETD, &ro));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, ioctl(disk, LOOP_CLR_FD, 0));
	EXPECT_EQ(0, close(disk));
	EXPECT_EQ(0, close(file));
	EXPECT_EQ(0, unlink("disk"));
}
