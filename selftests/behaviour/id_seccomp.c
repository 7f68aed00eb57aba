// SPDX-License-Identifier: GPL-2.0
/* A seccomp filter set before the move decides on calls made after it. */
#include "../move.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* getpgid() says ENOTUNIQ, getpriority() kills, all else goes. */
static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpgid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpriority, 2, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTUNIQ),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int child(struct __test_metadata *_metadata, int fatal)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	if (install())
		return 1;
	move_begin();
	move_here();
	if (syscall(SYS_getpgid, 0) != -1 || errno != ENOTUNIQ)
		return 2;
	if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (fatal)
		getpriority(PRIO_PROCESS, 0);
	return 0;
}

MOVE_TEST(id_seccomp)
{
	int fatal, status;
	pid_t pid;

	for (fatal = 0; fatal < 2; fatal++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(child(_metadata, fatal));
		status = wait_for(pid);
		if (fatal) {
			ASSERT_TRUE(WIFSIGNALED(status));
			EXPECT_EQ(SIGSYS, WTERMSIG(status));
		} else {
			EXPECT_EQ(0, status);
		}
	}
}
