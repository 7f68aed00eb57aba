// SPDX-License-Identifier: GPL-2.0
/* /dev/null, zero, full, random, urandom, tty and ptmx are the devices that they are at home. */
#include "../move.h"
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int is_zero(const char *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

MOVE_TEST(file_devices)
{
	static char a[8192], b[8192];
	int null, zero, full, random, tty, nr = -1;
	struct stat st;

	null = open("/dev/null", O_RDWR);
	zero = open("/dev/zero", O_RDWR);
	ASSERT_LE(0, null);
	ASSERT_LE(0, zero);
	move_begin();
	move_here();
	full = open("/dev/full", O_RDWR);
	ASSERT_LE(0, full);
	EXPECT_EQ(4, write(null, "data", 4));
	EXPECT_EQ(0, read(null, a, 4));
	memset(a, 1, sizeof(a));
	EXPECT_EQ(sizeof(a), read(zero, a, sizeof(a)));
	EXPECT_TRUE(is_zero(a, sizeof(a)));
	EXPECT_EQ(-1, write(full, "x", 1));
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_EQ(16, read(full, a, 16));
	EXPECT_EQ(0, stat("/dev/full", &st));
	EXPECT_EQ(makedev(1, 7), st.st_rdev);
	random = open("/dev/urandom", O_RDWR);
	ASSERT_LE(0, random);
	EXPECT_EQ(sizeof(a), read(random, a, sizeof(a)));
	EXPECT_EQ(sizeof(b), read(random, b, sizeof(b)));
	EXPECT_NE(0, memcmp(a, b, sizeof(a)));
	EXPECT_EQ(3, write(random, "mix", 3));
	EXPECT_EQ(0, ioctl(random, _IOR('R', 0, int), &nr));
	EXPECT_LE(0, nr);
	close(random);
	random = open("/dev/random", O_RDONLY);
	EXPECT_EQ(16, read(random, a, 16));
	move_here();
	/* the first process of a test has no terminal */
	tty = open("/dev/tty", O_RDWR);
	EXPECT_TRUE(tty >= 0 || errno == ENXIO);
	close(tty);
	tty = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ASSERT_LE(0, tty);
	EXPECT_EQ(0, ioctl(tty, TIOCGPTN, &nr));
	EXPECT_LE(0, nr);
	close(tty);
	close(random);
	close(full);
	close(zero);
	close(null);
}
