// SPDX-License-Identifier: GPL-2.0
/* inotify watches set before the move report what happens after it. */
#include "../move.h"
#include <sys/inotify.h>
#include <sys/stat.h>

MOVE_TEST(fd_inotify)
{
	char buf[1024] __attribute__((aligned(8)));
	struct inotify_event *ev = (void *)buf;
	int fd, wd, file;
	ssize_t n;

	ASSERT_EQ(0, mkdir("watched", 0700));
	fd = inotify_init1(IN_NONBLOCK);
	ASSERT_LE(0, fd);
	wd = inotify_add_watch(fd, "watched", IN_CREATE | IN_DELETE);
	ASSERT_LE(0, wd);
	move_begin();
	move_here();
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
	file = open("watched/new", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, file);
	close(file);
	n = read(fd, buf, sizeof(buf));
	ASSERT_LE((ssize_t)sizeof(*ev) + 4, n);
	EXPECT_EQ(wd, ev->wd);
	EXPECT_EQ(IN_CREATE, ev->mask);
	EXPECT_STREQ("new", ev->name);
	move_here();
	EXPECT_EQ(0, unlink("watched/new"));
	ASSERT_LT(0, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(IN_DELETE, ev->mask);
	EXPECT_EQ(0, inotify_rm_watch(fd, wd));
	close(fd);
	EXPECT_EQ(0, rmdir("watched"));
}
