// SPDX-License-Identifier: GPL-2.0
/* A mount namespace of its own, made while away; mounts of the old and of the new kind in it. */
#include "../move.h"
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* sys/mount.h and linux/mount.h do not go together */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);

static int is_tmpfs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == 0x01021994;
}

static int old_mounts(void)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 1;
	if (mount("mine", "mnt", "tmpfs", 0, "size=1m,mode=700"))
		return 2;
	if (!is_tmpfs("mnt") || mkdir("mnt/dir", 0700))
		return 3;
	if (mount("mnt", "mnt", NULL, MS_REMOUNT | MS_RDONLY | MS_BIND, NULL))
		return 4;
	if (mkdir("mnt/dir2", 0700) != -1 || errno != EROFS)
		return 5;
	return umount2("mnt", 2 /* MNT_DETACH */) ? 6 : 0;
}

static int new_mounts(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int fs, mnt, tree;

	fs = syscall(SYS_fsopen, "tmpfs", 0);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", "1m", 0))
		return 11;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "none", "1m", 0) != -1 || errno != EINVAL)
		return 12;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return 13;
	mnt = syscall(SYS_fsmount, fs, 0, 0);
	if (mnt < 0 || syscall(SYS_move_mount, mnt, "", AT_FDCWD, "mnt", MOVE_MOUNT_F_EMPTY_PATH))
		return 14;
	close(fs);
	fs = syscall(SYS_fspick, AT_FDCWD, "mnt", 0);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "ro", NULL, 0))
		return 15;
	tree = syscall(SYS_open_tree, AT_FDCWD, "mnt", OPEN_TREE_CLONE);
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)))
		return 16;
	if (mkdirat(tree, "dir", 0700) != -1 || errno != EROFS || mkdir("mnt/dir", 0700))
		return 17;
	close(tree);
	close(mnt);
	close(fs);
	return umount2("mnt", 0) ? 18 : 0;
}

static int child(struct __test_metadata *_metadata)
{
	int ret;

	move_begin();
	move_here();
	if (unshare(CLONE_NEWNS))
		return 20;
	move_here();
	ret = old_mounts();
	move_here();
	return ret ?: new_mounts();
}

MOVE_TEST(file_mounts)
{
	pid_t pid;

	ASSERT_EQ(0, mkdir("mnt", 0700));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	/* nobody else has seen any of it */
	EXPECT_EQ(-1, access("mnt/dir", F_OK));
	EXPECT_EQ(0, rmdir("mnt"));
}
