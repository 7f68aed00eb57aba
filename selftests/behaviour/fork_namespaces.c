// SPDX-License-Identifier: GPL-2.0
/* Children in namespaces of their own, made away: of users, names, networks, mounts, control groups. */
#include "../move.h"
#include <linux/sched.h>
#include <net/if.h>
#include <sys/mount.h>
#include <sys/utsname.h>

static pid_t clone_new(unsigned long flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

/* Return: 0 if the child sees what only it should see. */
static int in_names(void)
{
	struct utsname names;

	return sethostname("inside", 6) || uname(&names) || strcmp(names.nodename, "inside");
}

static int in_users(void)
{
	/* nobody has said who is who */
	return getuid() != 65534 || setuid(0) != -1 || errno != EINVAL;
}

static int in_network(void)
{
	return if_nametoindex("lo") != 1 || if_nametoindex("eth0") != 0;
}

static int in_mounts(void)
{
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("none", "/mnt", "tmpfs", 0, NULL) || close(open("/mnt/inside", O_CREAT | O_WRONLY, 0600)) ||
	       access("/mnt/inside", F_OK);
}

static int in_groups(void)
{
	char link[2][64] = { "", "" }, path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/cgroup", getppid());
	return readlink("/proc/self/ns/cgroup", link[0], 63) <= 0 || readlink(path, link[1], 63) <= 0 ||
	       !strcmp(link[0], link[1]);
}

static const struct {
	unsigned long flags;
	int (*inside)(void);
} kinds[] = {
	{ CLONE_NEWUTS, in_names },
	{ CLONE_NEWUSER, in_users },
	{ CLONE_NEWNET, in_network },
	{ CLONE_NEWNS, in_mounts },
	{ CLONE_NEWCGROUP, in_groups },
	{ CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS, in_names },
};

MOVE_TEST(fork_namespaces)
{
	struct utsname before, after;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, uname(&before));
	move_begin();
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		move_here();
		pid = clone_new(kinds[i].flags);
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(kinds[i].inside() ? 1 : 46);
		EXPECT_EQ(46 << 8, wait_for(pid)) {
			TH_LOG("kind %u", i);
		}
	}
	EXPECT_EQ(0, uname(&after));
	EXPECT_STREQ(before.nodename, after.nodename);
	EXPECT_EQ(-1, access("/mnt/inside", F_OK));
	EXPECT_EQ(-1, clone_new(CLONE_NEWUSER | CLONE_FS));
	EXPECT_EQ(EINVAL, errno);
}
