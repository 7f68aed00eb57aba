// SPDX-License-Identifier: GPL-2.0
/* Process, parent, group, session and thread ids are those of home. */
#include "../move.h"

MOVE_TEST(id_process)
{
	pid_t pid = getpid(), ppid = getppid(), pgid = getpgid(0), sid = getsid(0);
	pid_t tid = syscall(SYS_gettid);

	move_begin();
	move_here();
	EXPECT_EQ(pid, getpid());
	EXPECT_EQ(pid, syscall(SYS_getpid));
	EXPECT_EQ(tid, syscall(SYS_gettid));
	EXPECT_EQ(ppid, getppid());
	EXPECT_EQ(pgid, getpgid(0));
	EXPECT_EQ(pgid, getpgrp());
	EXPECT_EQ(sid, getsid(0));
	EXPECT_EQ(sid, getsid(ppid));
	EXPECT_EQ(0, kill(pid, 0));
	EXPECT_EQ(0, kill(ppid, 0));
	EXPECT_EQ(0, syscall(SYS_tgkill, pid, tid, 0));
	EXPECT_EQ(tid, syscall(SYS_set_tid_address, NULL));
}
