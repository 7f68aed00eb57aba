// SPDX-License-Identifier: GPL-2.0
/* A futex in a file that is mapped to be read, and to be written by another process, who wakes. */
#include "../move.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static long futex(volatile uint32_t *at, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, at, op, value, timeout, NULL, 0);
}

static void writer(const char *path, int in)
{
	int fd = open(path, O_RDWR);
	volatile uint32_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint32_t value;

	if (fd < 0 || (void *)p == MAP_FAILED)
		_exit(1);
	while (read(in, &value, sizeof(value)) == sizeof(value) && value) {
		usleep(pattern(value) % 20000);
		*p = value;
		futex(p, FUTEX_WAKE, 100, NULL);
	}
	_exit(0);
}

MOVE_TEST(mem_file_futex)
{
	const char *path = "/dev/shm/procmig-futex";
	const struct timespec limit = { 30 };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), to[2];
	volatile uint32_t *p;
	uint32_t i;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 4096));
	close(fd);
	ASSERT_EQ(0, pipe(to));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		writer(path, to[0]);
	fd = open(path, O_RDONLY);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)p);
	ASSERT_EQ(0, *p);
	move_begin();
	for (i = 1; i < 8; i++) {
		move_here();
		ASSERT_EQ(sizeof(i), write(to[1], &i, sizeof(i)));
		while (*p == i - 1)
			ASSERT_TRUE(!futex(p, FUTEX_WAIT, i - 1, &limit) || errno == EAGAIN ||
				    errno == EINTR);
		ASSERT_EQ(i, *p);
	}
	i = 0;
	ASSERT_EQ(sizeof(i), write(to[1], &i, sizeof(i)));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, munmap((void *)p, 4096));
	unlink(path);
}
