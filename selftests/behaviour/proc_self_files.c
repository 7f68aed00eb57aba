// SPDX-License-Identifier: GPL-2.0
/* The small files of /proc/self: read and written while away, they are the program's own. */
#include "../move.h"
#include <sys/stat.h>

static int get(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY), n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return n;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n;
}

MOVE_TEST(proc_self_files)
{
	char path[64], buf[4096], old[32];
	struct stat st;
	int fd, value = -1;

	fd = open("/dev/null", O_RDONLY);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	ASSERT_LT(0, get("/proc/self/oom_score_adj", old, sizeof(old)));
	EXPECT_EQ(3, put("/proc/self/oom_score_adj", "321"));
	EXPECT_LT(0, get("/proc/self/oom_score_adj", buf, sizeof(buf)));
	EXPECT_STREQ("321\n", buf);
	EXPECT_LT(0, put("/proc/self/oom_score_adj", old));
	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", syscall(SYS_gettid));
	EXPECT_EQ(8, put(path, "new name"));
	EXPECT_LT(0, get("/proc/thread-self/comm", buf, sizeof(buf)));
	EXPECT_STREQ("new name\n", buf);
	EXPECT_LT(0, put(path, "proc_self_files"));
	EXPECT_LT(0, get("/proc/self/limits", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "Max open files"));
	move_here();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(9, readlink(path, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "/dev/null", 9));
	EXPECT_EQ(0, stat(path, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	EXPECT_LT(0, get(path, buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "pos:"));
	EXPECT_LT(0, get("/proc/self/status", buf, sizeof(buf)));
	snprintf(path, sizeof(path), "\nPid:\t%d\n", getpid());
	EXPECT_NE(NULL, strstr(buf, path));
	EXPECT_LT(0, get("/proc/self/cgroup", buf, sizeof(buf)));
	EXPECT_LT(0, get("/proc/self/mountinfo", buf, sizeof(buf)));
	EXPECT_LT(0, get("/proc/self/io", buf, sizeof(buf)));
	EXPECT_EQ(1, sscanf(buf, "rchar: %d", &value));
	EXPECT_LT(0, get("/proc/self/sched", buf, sizeof(buf)));
	EXPECT_LE(0, get("/proc/self/timerslack_ns", buf, sizeof(buf)));
	EXPECT_LT(0, readlink("/proc/self/ns/pid", buf, sizeof(buf)));
	EXPECT_LT(0, readlink("/proc/self/cwd", buf, sizeof(buf)));
	close(fd);
}
