// SPDX-License-Identifier: GPL-2.0
/* A seccomp filter judges an exec, and judges the new program too. */
#include "../exec.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)stage;
	(void)argc;
	(void)argv;
	CHECK(prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER);
	CHECK(syscall(SYS_getpgid, 0) == -1 && errno == ENOTUNIQ);
	move_here();
	CHECK(syscall(SYS_getpgid, 0) == -1 && errno == ENOTUNIQ);
	return 0;
}

/* execveat() and getpgid() say ENOTUNIQ. */
static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpgid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execveat, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTUNIQ),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int child(struct __test_metadata *_metadata)
{
	char *argv[] = { "x", NULL };

	CHECK(!install());
	move_begin();
	move_here();
	CHECK(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv + 1, 0) == -1);
	CHECK(errno == ENOTUNIQ);
	return exec_self("filtered");
}

MOVE_TEST(exec_seccomp)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, exec_verdict(pid));
}
