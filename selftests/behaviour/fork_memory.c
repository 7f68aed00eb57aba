// SPDX-License-Identifier: GPL-2.0
/*
 * Memory after a fork: the child has all of it as it was, what one writes the other does not see, and
 * what is not to be inherited is not.
 */
#include "../move.h"
#include <sys/wait.h>

#define BYTES	(24 << 20)
#define PAGE	4096

static char *p, *wiped, *held;
static char data[3 * PAGE] = "initialised";

static int child(int ready, int go)
{
	unsigned char vec;
	char byte;

	if (write(ready, "r", 1) != 1 || read(go, &byte, 1) != 1)
		return 2;
	/* the parent has written to everything meanwhile */
	if (pattern_check(p, BYTES, 1) != -1)
		return 3;
	if (strcmp(data, "initialised"))
		return 4;
	if (*wiped || mincore(held, PAGE, &vec) != -1 || errno != ENOMEM)
		return 5;
	pattern_fill(p, BYTES, 3);
	strcpy(data, "child");
	p = mremap(p, BYTES, 2 * BYTES, MREMAP_MAYMOVE);
	if (p == MAP_FAILED || pattern_check(p, BYTES, 3) != -1)
		return 6;
	return 0;
}

static void *map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		abort();
	return at;
}

MOVE_TEST(fork_memory)
{
	int ready[2], go[2], status;
	pid_t pid;
	char byte;

	p = map(BYTES);
	wiped = map(PAGE);
	held = map(PAGE);
	ASSERT_EQ(0, madvise(wiped, PAGE, MADV_WIPEONFORK));
	ASSERT_EQ(0, madvise(held, PAGE, MADV_DONTFORK));
	*wiped = *held = 1;
	strcpy(data, "initialised");
	pattern_fill(p, BYTES, 1);
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(go));
	move_begin();
	move_here();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(ready[1], go[0]));
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	pattern_fill(p, BYTES, 2);
	strcpy(data, "parent");
	ASSERT_EQ(1, write(go[1], "g", 1));
	status = wait_for(pid);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(-1, pattern_check(p, BYTES, 2));
	EXPECT_STREQ("parent", data);
	EXPECT_EQ(1, *wiped);
	munmap(p, BYTES);
	munmap(wiped, PAGE);
	munmap(held, PAGE);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
}
