// SPDX-License-Identifier: GPL-2.0
/* What one process asks and sets of another: limits, priority, group, session, descriptors. */
#include "../move.h"
#include <linux/kcmp.h>
#include <sys/resource.h>
#include <sys/wait.h>

MOVE_TEST(proc_others)
{
	struct rlimit new = { 100, 200 }, old = { 0 };
	int go[2], null;
	siginfo_t info;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	null = open("/dev/null", O_RDONLY);
	ASSERT_LE(0, null);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) + 3);
	}
	close(go[0]);
	move_begin();
	move_here();
	EXPECT_EQ(0, prlimit(pid, RLIMIT_NOFILE, &new, &old));
	EXPECT_LT(100, old.rlim_max);
	EXPECT_EQ(0, prlimit(pid, RLIMIT_NOFILE, NULL, &old));
	EXPECT_EQ(100, old.rlim_cur);
	EXPECT_EQ(0, setpriority(PRIO_PROCESS, pid, 9));
	EXPECT_EQ(9, getpriority(PRIO_PROCESS, pid));
	EXPECT_EQ(0, setpgid(pid, pid));
	EXPECT_EQ(pid, getpgid(pid));
	EXPECT_EQ(getsid(0), getsid(pid));
	move_here();
	EXPECT_EQ(0, syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, null, null));
	EXPECT_LT(0, syscall(SYS_kcmp, getpid(), pid, KCMP_FILES, 0, 0));
	EXPECT_EQ(0, syscall(SYS_kcmp, getpid(), getpid(), KCMP_VM, 0, 0));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOHANG));
	EXPECT_EQ(0, info.si_pid);
	close(go[1]);
	EXPECT_EQ(0, waitid(P_PGID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(CLD_EXITED, info.si_code);
	EXPECT_EQ(3, info.si_status);
	move_here();
	/* it is still there to be waited for */
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, waitid(P_ALL, 0, &info, WEXITED));
	EXPECT_EQ(pid, info.si_pid);
	EXPECT_EQ(-1, waitid(P_PID, pid, &info, WEXITED));
	EXPECT_EQ(ECHILD, errno);
	close(null);
}
