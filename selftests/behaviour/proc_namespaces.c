// SPDX-License-Identifier: GPL-2.0
/* Namespaces of its own, for which it comes home: names of the machine, IPC; and into another's. */
#include "../move.h"
#include <sched.h>
#include <sys/msg.h>
#include <sys/utsname.h>

static int child(struct __test_metadata *_metadata)
{
	struct utsname before, now;
	int old, q;

	if (uname(&before))
		return 1;
	old = open("/proc/self/ns/uts", O_RDONLY);
	move_begin();
	move_here();
	if (old < 0 || unshare(CLONE_NEWUTS | CLONE_NEWIPC))
		return 2;
	move_here();
	if (sethostname("elsewhere", 9) || setdomainname("nowhere", 7) || uname(&now))
		return 3;
	if (strcmp(now.nodename, "elsewhere") || strcmp(now.domainname, "nowhere"))
		return 4;
	q = msgget(7777, IPC_CREAT | IPC_EXCL | 0600);
	if (q < 0)
		return 5;
	move_here();
	if (setns(old, CLONE_NEWUTS) || uname(&now) || strcmp(now.nodename, before.nodename))
		return 6;
	if (msgget(7777, 0) != q)
		return 7;
	return setns(old, CLONE_NEWNET) != -1 || errno != EINVAL ? 8 : 0;
}

MOVE_TEST(proc_namespaces)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, msgget(7777, 0));
	EXPECT_EQ(ENOENT, errno);
}
