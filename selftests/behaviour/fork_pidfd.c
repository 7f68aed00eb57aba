// SPDX-License-Identifier: GPL-2.0
/*
 * What clone() and clone3() can do for processes besides: a pidfd, ids written to memory, another
 * signal at the end, a sibling instead of a child, default signal actions.
 */
#include "../move.h"
#include <linux/sched.h>
#include <poll.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD	3
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND	0x100000000ULL
#endif

static volatile int usr1;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	(void)uc;
	usr1 += sig == SIGUSR1;
}

static pid_t clone3(unsigned long long flags, int sig, int *pidfd, pid_t *parent, pid_t *child)
{
	struct clone_args args = {
		.flags = flags, .exit_signal = sig, .pidfd = (uintptr_t)pidfd,
		.parent_tid = (uintptr_t)parent, .child_tid = (uintptr_t)child,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static int sibling(int out)
{
	pid_t pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(55);
	return write(out, &pid, sizeof(pid)) != sizeof(pid);
}

MOVE_TEST(fork_pidfd)
{
	pid_t pid, parent_tid = 0, child_tid = 0, other;
	struct sigaction sa;
	int fd = -1, fds[2], status;
	struct pollfd poll_fd;
	siginfo_t info;

	on_signal(SIGUSR1, handler, SA_RESTART);
	usr1 = 0;
	ASSERT_EQ(0, pipe(fds));
	move_begin();
	move_here();
	pid = clone3(CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CLEAR_SIGHAND,
		     SIGCHLD, &fd, &parent_tid, &child_tid);
	ASSERT_LE(0, pid);
	if (!pid) {
		if (sigaction(SIGUSR1, NULL, &sa) || sa.sa_handler != SIG_DFL)
			_exit(1);
		_exit(child_tid == getpid() && child_tid == syscall(SYS_gettid) ? 66 : 2);
	}
	EXPECT_EQ(pid, parent_tid);
	EXPECT_EQ(0, child_tid);
	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	poll_fd = (struct pollfd){ .fd = fd, .events = POLLIN };
	EXPECT_EQ(1, poll(&poll_fd, 1, -1));
	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, waitid(P_PIDFD, fd, &info, WEXITED));
	EXPECT_EQ(66, info.si_status);
	close(fd);

	pid = clone3(0, SIGUSR1, NULL, NULL, NULL);
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(3);
	EXPECT_EQ(-1, waitpid(pid, &status, 0));
	EXPECT_EQ(ECHILD, errno);
	EXPECT_EQ(pid, waitpid(pid, &status, __WCLONE));
	EXPECT_EQ(3 << 8, status);
	EXPECT_EQ(1, usr1);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(sibling(fds[1]));
	ASSERT_EQ((ssize_t)sizeof(other), read(fds[0], &other, sizeof(other)));
	EXPECT_LT(0, other);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(55 << 8, wait_for(other));

	EXPECT_EQ(-1, clone3(CLONE_PIDFD, SIGCHLD, (int *)8, NULL, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, clone3(CLONE_SIGHAND, SIGCHLD, NULL, NULL, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, clone3(0, 100, NULL, NULL, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, wait(&status));
	EXPECT_EQ(ECHILD, errno);
	close(fds[0]);
	close(fds[1]);
	signal(SIGUSR1, SIG_DFL);
}
