// SPDX-License-Identifier: GPL-2.0
/* Host name, kernel name and the program's own name are those of home. */
#include "../move.h"
#include <sys/prctl.h>
#include <sys/utsname.h>

MOVE_TEST(proc_names)
{
	struct utsname before, after;
	char host[256], name[17] = "", comm[32] = "";
	int fd;

	ASSERT_EQ(0, uname(&before));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "renamed"));
	move_begin();
	move_here();
	memset(&after, 0, sizeof(after));
	EXPECT_EQ(0, uname(&after));
	EXPECT_STREQ(before.nodename, after.nodename);
	EXPECT_STREQ(before.release, after.release);
	EXPECT_STREQ(before.version, after.version);
	EXPECT_EQ(0, gethostname(host, sizeof(host)));
	EXPECT_STREQ(before.nodename, host);
	EXPECT_EQ(0, prctl(PR_GET_NAME, name));
	EXPECT_STREQ("renamed", name);
	EXPECT_EQ(0, prctl(PR_SET_NAME, "again and much too long"));
	fd = open("/proc/self/comm", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(16, read(fd, comm, sizeof(comm)));
	EXPECT_EQ(0, memcmp(comm, "again and much \n", 16));
	close(fd);
	EXPECT_EQ(0, prctl(PR_GET_NAME, name));
	EXPECT_STREQ("again and much ", name);
}
