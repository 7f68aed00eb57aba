// SPDX-License-Identifier: GPL-2.0
/* The program reads and writes another's memory, and its own, and advises on it. */
#include "../move.h"
#include <sys/uio.h>

static volatile uint64_t word;	/* at the same place in both */

MOVE_TEST(proc_vm_access)
{
	uint64_t mine[2] = { 0 };
	struct iovec local = { mine, 8 }, remote = { (void *)&word, 8 }, area;
	int go[2], fd;
	char byte, *p;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	word = 1111;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		word = 2222;
		_exit(read(go[0], &byte, 1) == 0 && word == 3333 ? 0 : 1);
	}
	close(go[0]);
	p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 7, 16 * 4096);
	move_begin();
	move_here();
	while (process_vm_readv(pid, &local, 1, &remote, 1, 0) == 8 && mine[0] != 2222)
		usleep(1000);
	EXPECT_EQ(2222, mine[0]);
	move_here();
	mine[0] = 3333;
	EXPECT_EQ(8, process_vm_writev(pid, &local, 1, &remote, 1, 0));
	word = 4444;
	EXPECT_EQ(8, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(4444, mine[0]);
	remote.iov_base = NULL;
	EXPECT_EQ(-1, process_vm_readv(pid, &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	move_here();
	fd = syscall(SYS_pidfd_open, getpid(), 0);
	ASSERT_LE(0, fd);
	area = (struct iovec){ p, 16 * 4096 };
	EXPECT_EQ(16 * 4096, syscall(SYS_process_madvise, fd, &area, 1, MADV_COLD, 0));
	EXPECT_EQ(-1, syscall(SYS_process_madvise, fd, &area, 1, 12345, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(7, p[5 * 4096]);
	close(fd);
	close(go[1]);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, munmap(p, 16 * 4096));
}
