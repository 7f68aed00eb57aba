// SPDX-License-Identifier: GPL-2.0
/* clone3() with a chosen pid (set_tid), and into another control group; and what it refuses. */
#include "../move.h"
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP	0x200000000ULL
#endif

static pid_t clone_with(const pid_t *tids, size_t n, unsigned long long flags, int cgroup)
{
	struct clone_args args = {
		.flags = flags, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)tids, .set_tid_size = n,
		.cgroup = cgroup,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* One that has just been somebody's. */
static pid_t free_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	wait_for(pid);
	return pid;
}

static void chosen(struct __test_metadata *_metadata)
{
	pid_t want[2], pid;
	int tries = 0;

	/* others may have taken it */
	do {
		want[0] = free_pid();
		pid = clone_with(want, 1, 0, 0);
		if (!pid)
			_exit(getpid() == want[0] ? 44 : 1);
	} while (pid < 0 && errno == EEXIST && ++tries < 20);
	EXPECT_EQ(want[0], pid);
	EXPECT_EQ(44 << 8, wait_for(pid));
	want[0] = getpid();
	EXPECT_EQ(-1, clone_with(want, 1, 0, 0));
	EXPECT_EQ(EEXIST, errno);
	/* this pid namespace has one above at most */
	want[1] = want[0];
	EXPECT_EQ(-1, clone_with(want, 2, 0, 0));
	EXPECT_EQ(EINVAL, errno);
	want[0] = -4;
	EXPECT_EQ(-1, clone_with(want, 1, 0, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, clone_with((pid_t *)8, 1, 0, 0));
	EXPECT_EQ(EFAULT, errno);
}

/* Is this process in the group? */
static int in_group(const char *name)
{
	char text[4096];
	int fd = open("/proc/self/cgroup", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (fd < 0 || n < 0)
		return 0;
	text[n] = '\0';
	return !!strstr(text, name);
}

static void into_group(struct __test_metadata *_metadata, int group)
{
	pid_t pid = clone_with(NULL, 0, CLONE_INTO_CGROUP, group);

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(in_group("/procmig-chosen") ? 45 : 2);
	EXPECT_EQ(45 << 8, wait_for(pid));
	EXPECT_EQ(0, in_group("/procmig-chosen"));
	EXPECT_EQ(-1, clone_with(NULL, 0, CLONE_INTO_CGROUP, 999));
	EXPECT_EQ(EBADF, errno);
}

MOVE_TEST(fork_chosen)
{
	int group;

	ASSERT_EQ(0, mkdir("groups", 0700));
	ASSERT_EQ(0, mount("none", "groups", "cgroup2", 0, NULL));
	ASSERT_EQ(0, mkdir("groups/procmig-chosen", 0700));
	group = open("groups/procmig-chosen", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, group);
	move_begin();
	move_here();
	chosen(_metadata);
	move_here();
	into_group(_metadata, group);
	move_end();
	close(group);
	EXPECT_EQ(0, rmdir("groups/procmig-chosen"));
	EXPECT_EQ(0, umount2("groups", MNT_DETACH));
	EXPECT_EQ(0, rmdir("groups"));
}
