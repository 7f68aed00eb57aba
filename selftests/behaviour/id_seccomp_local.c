// SPDX-License-Identifier: GPL-2.0
/* A seccomp filter also decides on calls that need not go home: memory, time, futex. */
#include "../move.h"
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mremap, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_futex, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTUNIQ),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int child(struct __test_metadata *_metadata)
{
	uint32_t word = 1;
	void *p;

	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || install())
		return 1;
	move_begin();
	move_here();
	if (mremap(p, 4096, 8192, MREMAP_MAYMOVE) != MAP_FAILED || errno != ENOTUNIQ)
		return 2;
	if (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) != -1 || errno != ENOTUNIQ)
		return 3;
	return munmap(p, 4096);
}

MOVE_TEST(id_seccomp_local)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
