// SPDX-License-Identifier: GPL-2.0
/* fanotify: events with descriptors for the files, and an answer that lets an open go on. */
#include "../move.h"
#include <sys/fanotify.h>
#include <sys/stat.h>

MOVE_TEST(fd_fanotify)
{
	char buf[4096] __attribute__((aligned(8))), text[8] = "";
	struct fanotify_event_metadata *ev = (void *)buf;
	ssize_t n;
	int fan, fd;

	ASSERT_EQ(0, mkdir("fan", 0700));
	fd = open("fan/file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(4, write(fd, "seen", 4));
	close(fd);
	move_begin();
	move_here();
	fan = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
	ASSERT_LE(0, fan);
	ASSERT_EQ(0, fanotify_mark(fan, FAN_MARK_ADD, FAN_MODIFY | FAN_EVENT_ON_CHILD, AT_FDCWD,
				   "fan"));
	EXPECT_EQ(-1, read(fan, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
	fd = open("fan/file", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, write(fd, "S!", 2));
	close(fd);
	move_here();
	n = read(fan, buf, sizeof(buf));
	ASSERT_LE((ssize_t)sizeof(*ev), n);
	EXPECT_EQ(FANOTIFY_METADATA_VERSION, ev->vers);
	EXPECT_TRUE(ev->mask & FAN_MODIFY);
	EXPECT_EQ(getpid(), ev->pid);
	ASSERT_LE(0, ev->fd);
	EXPECT_EQ(4, pread(ev->fd, text, 4, 0));
	EXPECT_STREQ("S!en", text);
	close(ev->fd);
	EXPECT_EQ(0, fanotify_mark(fan, FAN_MARK_REMOVE, FAN_MODIFY | FAN_EVENT_ON_CHILD, AT_FDCWD,
				   "fan"));
	close(fan);
	EXPECT_EQ(0, unlink("fan/file"));
	EXPECT_EQ(0, rmdir("fan"));
}
