// SPDX-License-Identifier: GPL-2.0
/* /proc/self is home's: same pid, names, command line, exe, descriptors, limits. */
#include "../move.h"

static int slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY), n = 0, ret;

	if (fd < 0)
		return -1;
	while ((ret = read(fd, buf + n, size - 1 - n)) > 0)
		n += ret;
	close(fd);
	buf[n] = 0;
	return n;
}

MOVE_TEST(file_proc_self)
{
	static char before[8192], after[8192], path[64], link[256], exe[256];
	int pid = 0, n, fd;
	ssize_t len;

	n = slurp("/proc/self/cmdline", before, sizeof(before));
	ASSERT_LT(0, n);
	len = readlink("/proc/self/exe", exe, sizeof(exe));
	ASSERT_LT(0, len);
	fd = open("file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	EXPECT_EQ(n, slurp("/proc/self/cmdline", after, sizeof(after)));
	EXPECT_EQ(0, memcmp(before, after, n));
	EXPECT_EQ(len, readlink("/proc/self/exe", link, sizeof(link)));
	EXPECT_EQ(0, memcmp(exe, link, len));
	ASSERT_LT(0, slurp("/proc/self/stat", after, sizeof(after)));
	EXPECT_EQ(1, sscanf(after, "%d", &pid));
	EXPECT_EQ(getpid(), pid);
	ASSERT_LT(0, slurp("/proc/self/status", after, sizeof(after)));
	EXPECT_NE(NULL, strstr(after, "Name:\tfile_proc_self\n"));
	snprintf(path, sizeof(path), "\nPid:\t%d\n", getpid());
	EXPECT_NE(NULL, strstr(after, path));
	snprintf(path, sizeof(path), "/proc/%d/comm", getpid());
	EXPECT_EQ(15, slurp(path, after, sizeof(after)));
	EXPECT_STREQ("file_proc_self\n", after);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_LT(0, readlink(path, link, sizeof(link)));
	EXPECT_EQ(0, access(path, R_OK));
	ASSERT_LT(0, slurp("/proc/self/limits", after, sizeof(after)));
	EXPECT_NE(NULL, strstr(after, "Max open files"));
	close(fd);
	unlink("file");
}
