// SPDX-License-Identifier: GPL-2.0
/* The calls that the C library does not make any more: times, limits, groups of processes. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

MOVE_TEST(call_old_time)
{
	struct timeval tv[2] = { { 1000000000, 0 }, { 1000000005, 0 } };
	struct utimbuf ut = { 1100000000, 1100000001 };
	struct rlimit before, limit;
	struct stat st;
	time_t now = 0;
	int fd;

	fd = open("file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	move_begin();
	move_here();
	EXPECT_EQ(0, syscall(SYS_utime, "file", &ut));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(1100000000, st.st_atime);
	EXPECT_EQ(1100000001, st.st_mtime);
	EXPECT_EQ(0, syscall(SYS_utimes, "file", tv));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(1000000005, st.st_mtime);
	tv[1].tv_sec = 1000000009;
	EXPECT_EQ(0, syscall(SYS_futimesat, AT_FDCWD, "file", tv));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(1000000009, st.st_mtime);
	EXPECT_LT(1600000000, syscall(SYS_time, &now));
	EXPECT_LE(1600000000, now);
	EXPECT_EQ(0, syscall(SYS_getrlimit, RLIMIT_NOFILE, &before));
	limit = before;
	limit.rlim_cur--;
	EXPECT_EQ(0, syscall(SYS_setrlimit, RLIMIT_NOFILE, &limit));
	move_here();
	EXPECT_EQ(0, syscall(SYS_getrlimit, RLIMIT_NOFILE, &limit));
	EXPECT_EQ(before.rlim_cur - 1, limit.rlim_cur);
	EXPECT_EQ(0, syscall(SYS_setrlimit, RLIMIT_NOFILE, &before));
	EXPECT_EQ(getpgid(0), syscall(SYS_getpgrp));
	EXPECT_EQ(0, syscall(SYS_alarm, 100));
	EXPECT_LT(90, syscall(SYS_alarm, 0));
	EXPECT_EQ(0, unlink("file"));
}
