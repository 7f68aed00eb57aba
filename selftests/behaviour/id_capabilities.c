// SPDX-License-Identifier: GPL-2.0
/* Capabilities that the program gave up stay given up; it sees its own sets. */
#include "../move.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

static int child(struct __test_metadata *_metadata)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2], now[2];

	memset(data, 0, sizeof(data));
	data[0].permitted = data[0].effective = 1U << CAP_CHOWN | 1U << CAP_KILL;
	if (syscall(SYS_capset, &head, data))
		return 1;
	move_begin();
	move_here();
	memset(now, 0xff, sizeof(now));
	if (syscall(SYS_capget, &head, now) || memcmp(now, data, sizeof(now)))
		return 2;
	if (mount("none", "/mnt", "tmpfs", 0, NULL) != -1 || errno != EPERM)
		return 3;
	if (sethostname("x", 1) != -1 || errno != EPERM)
		return 4;
	if (prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 1)
		return 5;
	if (open("file", O_WRONLY | O_CREAT, 0600) < 0 || chown("file", 5, 5))
		return 6;
	/* Give up the rest while away. */
	memset(data, 0, sizeof(data));
	if (syscall(SYS_capset, &head, data))
		return 7;
	if (chown("file", 6, 6) != -1 || errno != EPERM)
		return 8;
	return 0;
}

MOVE_TEST(id_capabilities)
{
	pid_t pid;

	if (getuid())
		SKIP(return, "needs root");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, unlink("file"));
}
