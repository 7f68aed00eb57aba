// SPDX-License-Identifier: GPL-2.0
/* Calls that only run at home and are not about objects: the program comes, and goes on its way. */
#include "../move.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/klog.h>

MOVE_TEST(call_at_home)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS, none = 0x12340000;
	char buf[128] = "";
	char *p;

	p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	strcpy(p, "kept");
	move_begin();
	move_here();
	EXPECT_EQ(0, syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
	EXPECT_EQ(-1, syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &none));
	EXPECT_EQ(EOPNOTSUPP, errno);
	move_here();
	/* no table is made by reading it */
	EXPECT_EQ(0, syscall(SYS_modify_ldt, 0, buf, sizeof(buf)));
	EXPECT_EQ(-1, syscall(SYS_remap_file_pages, p, 4096, 0, 1, 0));
	EXPECT_EQ(EINVAL, errno);
	move_here();
	EXPECT_LT(0, syscall(SYS_sysfs, 3));
	EXPECT_EQ(0, syscall(SYS_sysfs, 2, 0, buf));
	EXPECT_LT(0, strlen(buf));
	EXPECT_LT(0, syscall(SYS_syslog, 10, NULL, 0));
	EXPECT_STREQ("kept", p);
	EXPECT_EQ(0, munmap(p, 4 * 4096));
}
