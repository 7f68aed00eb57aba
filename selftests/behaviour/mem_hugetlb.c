// SPDX-License-Identifier: GPL-2.0
/* Memory in huge pages that are set aside (hugetlbfs), asked for away: the program has it, at home. */
#include "../move.h"
#include <linux/mman.h>

#define HUGE	(2UL << 20)

/* Write the number of pages that are set aside. Return: what it was, or -1. */
static int set_aside(int pages)
{
	char text[32] = "";
	int fd = open("/proc/sys/vm/nr_hugepages", O_RDWR | O_CLOEXEC), old = -1;

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0) {
		old = atoi(text);
		snprintf(text, sizeof(text), "%d", pages);
		if (pwrite(fd, text, strlen(text), 0) < 0)
			old = -1;
	}
	close(fd);
	return old;
}

static int child(struct __test_metadata *_metadata)
{
	char *p, *small;

	small = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (small == MAP_FAILED)
		return 1;
	pattern_fill(small, HUGE, 7);
	move_begin();
	move_here();
	move_stay();
	p = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
	if (p == MAP_FAILED)
		return 2;
	if ((uintptr_t)p % HUGE)
		return 3;
	pattern_fill(p, 2 * HUGE, 8);
	if (pattern_check(p, 2 * HUGE, 8) != -1 || pattern_check(small, HUGE, 7) != -1)
		return 4;
	return munmap(p, 2 * HUGE) ? 5 : 0;
}

MOVE_TEST(mem_hugetlb)
{
	int old = set_aside(2);
	pid_t pid;

	ASSERT_LE(0, old);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(2, set_aside(old));
}
