// SPDX-License-Identifier: GPL-2.0
/* A file on a filesystem that is mounted noexec cannot be made executable later, wherever one is. */
#include "../move.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

MOVE_TEST(mem_not_executable)
{
	char dir[] = "/tmp/noexec.XXXXXX", name[64];
	void *p, *q;
	int fd;

	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, mount("mine", dir, "tmpfs", MS_NOEXEC, NULL));
	snprintf(name, sizeof(name), "%s/file", dir);
	fd = open(name, O_RDWR | O_CREAT, 0700);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 8192));
	p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	move_begin();
	move_here();
	EXPECT_EQ(-1, mprotect(p, 8192, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
	q = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT_EQ(0, mprotect(q, 4096, PROT_READ | PROT_EXEC));
	move_here();
	EXPECT_EQ(0, *(char *)p);
	EXPECT_EQ(0, mprotect(p, 8192, PROT_READ | PROT_WRITE));
	move_end();
	munmap(p, 8192);
	close(fd);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}
