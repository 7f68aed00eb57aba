// SPDX-License-Identifier: GPL-2.0
/*
 * What an ordinary user may not do: each call says so, as it does at home, and nothing is done. The
 * program moves between them, so that those which come home for the call are there for all ways.
 */
#include "../move.h"
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/swap.h>
#include <sys/timex.h>

#define UID	1000

static const struct {
	const char *name;
	int nr;
	long arg[5];
	int err;
} calls[] = {
	{ "sethostname", SYS_sethostname, { (long)"x", 1 }, EPERM },
	{ "setdomainname", SYS_setdomainname, { (long)"x", 1 }, EPERM },
	{ "mount", SYS_mount, { (long)"none", (long)"/", (long)"tmpfs" }, EPERM },
	{ "umount2", SYS_umount2, { (long)"/proc", 0 }, EPERM },
	{ "pivot_root", SYS_pivot_root, { (long)"/", (long)"/" }, EPERM },
	{ "chroot", SYS_chroot, { (long)"/" }, EPERM },
	{ "swapon", SYS_swapon, { (long)"/etc/passwd", 0 }, EPERM },
	{ "swapoff", SYS_swapoff, { (long)"/etc/passwd" }, EPERM },
	{ "acct", SYS_acct, { (long)"/tmp/none" }, EPERM },
	{ "settimeofday", SYS_settimeofday, { (long)&(struct timeval){ 1, 0 }, 0 }, EPERM },
	{ "clock_settime", SYS_clock_settime, { 0, (long)&(struct timespec){ 1, 0 } }, EPERM },
	{ "adjtimex", SYS_adjtimex, { (long)&(struct timex){ .modes = ADJ_OFFSET } }, EPERM },
	{ "vhangup", SYS_vhangup, { 0 }, EPERM },
	{ "setgroups", SYS_setgroups, { 0, 0 }, EPERM },
	{ "init_module", SYS_init_module, { 0, 0, (long)"" }, EPERM },
	{ "finit_module", SYS_finit_module, { 0, (long)"", 0 }, EPERM },
	{ "delete_module", SYS_delete_module, { (long)"none", O_NONBLOCK }, EPERM },
	{ "kexec_load", SYS_kexec_load, { 0, 0, 0, 0 }, EPERM },
	{ "kexec_file_load", SYS_kexec_file_load, { 0, 0, 0, 0, 0 }, EPERM },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 }, EPERM },
	{ "iopl", SYS_iopl, { 3 }, EPERM },
	{ "ioperm", SYS_ioperm, { 0x80, 1, 1 }, EPERM },
	{ "lookup_dcookie", SYS_lookup_dcookie, { 1, (long)&(char[8]){ 0 }, 8 }, -1 },
	{ "syslog", SYS_syslog, { 5, 0, 0 }, EPERM },
	{ "open_by_handle_at", SYS_open_by_handle_at,
	  { AT_FDCWD, (long)&(char[136]){ 8, 0, 0, 0, 1 }, O_RDONLY }, EPERM },
	{ "fsopen", SYS_fsopen, { (long)"tmpfs", 0 }, EPERM },
	{ "setns", SYS_setns, { -1, 0 }, EBADF },
	{ "quotactl", SYS_quotactl, { QCMD(Q_SYNC, 0), (long)"/nowhere", 0, 0 }, -1 },
	{ "quotactl_fd", SYS_quotactl_fd, { -1, QCMD(Q_GETINFO, 0), 0, 0 }, -1 },
	{ "sysfs", SYS_sysfs, { 99, 0, 0 }, EINVAL },
	{ "memfd_secret", SYS_memfd_secret, { 0xff }, -1 },
};

static int child(struct __test_metadata *_metadata)
{
	unsigned int i;
	long ret;

	if (setresgid(UID, UID, UID) || setresuid(UID, UID, UID))
		return 1;
	move_begin();
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (i % 8 == 0)
			move_here();
		errno = 0;
		ret = syscall(calls[i].nr, calls[i].arg[0], calls[i].arg[1], calls[i].arg[2],
			      calls[i].arg[3], calls[i].arg[4]);
		/* -1: it depends on how the kernel is set up */
		if (ret == -1 && (errno == calls[i].err || calls[i].err == -1))
			continue;
		fprintf(stderr, "# %s: %ld, errno %d\n", calls[i].name, ret, errno);
		return 2;
	}
	if (getuid() != UID)
		return 3;
	return 0;
}

MOVE_TEST(call_privileged)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
