// SPDX-License-Identifier: GPL-2.0
/* RLIMIT_AS and RLIMIT_DATA bound the program wherever it runs. */
#include "../move.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int child(struct __test_metadata *_metadata)
{
	struct rlimit as = { 512UL << 20, 512UL << 20 };
	void *p;

	if (setrlimit(RLIMIT_AS, &as))
		return 1;
	move_begin();
	move_here();
	p = mmap(NULL, 600UL << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED || errno != ENOMEM)
		return 2;
	p = mmap(NULL, 64UL << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 3;
	if (getrlimit(RLIMIT_AS, &as) || as.rlim_cur != 512UL << 20)
		return 4;
	as.rlim_cur = 300UL << 20;
	if (setrlimit(RLIMIT_AS, &as))
		return 5;
	p = mmap(NULL, 300UL << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED || errno != ENOMEM)
		return 6;
	return 0;
}

MOVE_TEST(mem_limits)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
