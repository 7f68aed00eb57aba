// SPDX-License-Identifier: GPL-2.0
/* What a moved process has set to zero in a file that it has mapped, or given up, is zero in the file. */
#include "../named.h"

#define ZERO	(8UL << 12)

static long nonzero(off_t from, size_t bytes)
{
	int fd = open(named_path, O_RDONLY | O_CLOEXEC);
	char *data = malloc(bytes);
	size_t i;

	if (fd < 0 || !data || pread(fd, data, bytes, from) != (ssize_t)bytes)
		abort();
	close(fd);
	for (i = 0; i < bytes && !data[i]; i++)
		;
	free(data);
	return i < bytes ? (long)i : -1;
}

static int moved(int done[2], int go[2])
{
	char *p = named_map();

	pattern_fill(p, NAMED_BYTES, 1);
	move_ask(MOVE_BEGIN, 0);
	move_here();
	memset(p, 0, ZERO);
	move_here();
	if (madvise(p + NAMED_HALF, ZERO, MADV_REMOVE))
		return 1;
	move_here();
	move_stay();
	named_go(done);
	named_wait(go);
	memset(p, 0, NAMED_BYTES);
	return 0;
}

MOVE_TEST(named_zero)
{
	int done[2], go[2];
	pid_t pid;

	named_begin();
	named_pipe(done);
	named_pipe(go);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(moved(done, go));
	named_wait(done);
	EXPECT_EQ(-1, nonzero(0, ZERO));
	EXPECT_EQ(-1, nonzero(NAMED_HALF, ZERO));
	EXPECT_EQ(-1, named_check(ZERO, NAMED_HALF - ZERO, 1 + ZERO / 8));
	EXPECT_EQ(-1, named_check(NAMED_HALF + ZERO, NAMED_HALF - ZERO, 1 + (NAMED_HALF + ZERO) / 8));
	named_go(go);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(-1, nonzero(0, NAMED_BYTES));
	EXPECT_EQ(0, unlink(named_path));
	close(done[0]);
	close(done[1]);
	close(go[0]);
	close(go[1]);
}
