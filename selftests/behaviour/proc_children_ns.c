// SPDX-License-Identifier: GPL-2.0
/* Children in namespaces of their own, of ids and of time: their ids and clocks are those. */
#include "../move.h"
#include <sched.h>
#include <sys/syscall.h>

/* What a child finds; CLONE_CHILD_SETTID writes its id into its memory. */
struct found {
	pid_t tid, pid, parent;
	int64_t ms;
};

static struct found fork_here(int *status)
{
	static volatile pid_t tid;
	struct found found = {};
	int fds[2];
	pid_t pid;

	*status = -1;
	if (pipe(fds))
		return found;
	pid = syscall(SYS_clone, CLONE_CHILD_SETTID | SIGCHLD, 0, 0, &tid, 0);
	if (!pid) {
		found.tid = tid;
		found.pid = syscall(SYS_getpid);
		found.parent = syscall(SYS_getppid);
		found.ms = now_ms();
		_exit(write(fds[1], &found, sizeof(found)) != sizeof(found));
	}
	close(fds[1]);
	if (read(fds[0], &found, sizeof(found)) == sizeof(found))
		*status = wait_for(pid);
	close(fds[0]);
	return found;
}

/* For the call before it may have come home: time to go back. */
static void wait_a_little(void)
{
	int i;

	for (i = 0; i < 50; i++)
		usleep(5000);
}

static int with_ids(void)
{
	struct found found;
	int status;

	if (unshare(CLONE_NEWPID))
		return 1;
	wait_a_little();
	found = fork_here(&status);
	if (status || found.tid != 1 || found.pid != 1 || found.parent)
		return 2;
	return 0;
}

static int with_time(void)
{
	static const char offset[] = "monotonic 100000 0";
	struct found found;
	int status, fd;

	if (unshare(CLONE_NEWTIME))
		return 1;
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (fd < 0 || write(fd, offset, strlen(offset)) < 0)
		return 2;
	close(fd);
	wait_a_little();
	found = fork_here(&status);
	if (status || found.ms < now_ms() + 90000000)
		return 3;
	return 0;
}

static int in_child(int (*fn)(void))
{
	pid_t pid = fork();

	if (!pid)
		_exit(fn());
	return wait_for(pid);
}

MOVE_TEST(proc_children_ns)
{
	int i;

	move_begin();
	for (i = 0; i < 3; i++) {
		move_here();
		EXPECT_EQ(0, in_child(with_ids));
		EXPECT_EQ(0, in_child(with_time));
	}
}
