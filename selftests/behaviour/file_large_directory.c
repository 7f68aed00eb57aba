// SPDX-License-Identifier: GPL-2.0
/* A directory of many entries is read while the program moves: each is there once. */
#include "../move.h"
#include <dirent.h>
#include <sys/stat.h>

#define FILES	900

static unsigned char seen[FILES];

/* The entries of the directory @fd, by @nr. Return: how many were wrong. */
static int list(int fd, int nr)
{
	char buf[2048] __attribute__((aligned(8)));
	int wrong = 0, i, reads = 0;
	struct dirent64 *d;
	long n, at;

	memset(seen, 0, sizeof(seen));
	lseek(fd, 0, SEEK_SET);
	while ((n = syscall(nr, fd, buf, sizeof(buf))) > 0) {
		if (++reads % 10 == 0)
			move_here();
		for (at = 0; at < n; at += d->d_reclen) {
			const char *name;

			d = (void *)(buf + at);
			/* without the 64 there is no d_type before the name */
			name = nr == SYS_getdents ? d->d_name - 1 : d->d_name;
			if (sscanf(name, "entry%d", &i) != 1)
				continue;
			if (i < 0 || i >= FILES)
				return -1;
			seen[i]++;
		}
	}
	for (i = 0; i < FILES; i++)
		wrong += seen[i] != 1;
	return n < 0 ? -2 : wrong;
}

MOVE_TEST(file_large_directory)
{
	char name[32];
	int i, fd;

	ASSERT_EQ(0, mkdir("large", 0700));
	fd = open("large", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, fd);
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "entry%d", i);
		ASSERT_EQ(0, mknodat(fd, name, S_IFREG | 0600, 0));
	}
	move_begin();
	move_here();
	EXPECT_EQ(0, list(fd, SYS_getdents64));
	EXPECT_EQ(0, list(fd, SYS_getdents));
	/* a buffer in which nothing fits */
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(-1, syscall(SYS_getdents64, fd, name, 8));
	EXPECT_EQ(EINVAL, errno);
	move_end();
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "entry%d", i);
		ASSERT_EQ(0, unlinkat(fd, name, 0));
	}
	close(fd);
	EXPECT_EQ(0, rmdir("large"));
}
