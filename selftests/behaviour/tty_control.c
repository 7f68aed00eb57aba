// SPDX-License-Identifier: GPL-2.0
/* A controlling terminal: SIGWINCH, ^C, foreground group, hang-up, wherever the program runs. */
#include "../move.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <utmp.h>

static int report;

static void handler(int sig, siginfo_t *info, void *uc)
{
	char byte = sig == SIGWINCH ? 'w' : 'i';

	(void)info;
	(void)uc;
	if (write(report, &byte, 1) != 1)
		_exit(1);
}

static void child(struct __test_metadata *_metadata, int slave)
{
	if (login_tty(slave))
		_exit(1);
	on_signal(SIGWINCH, handler, 0);
	on_signal(SIGINT, handler, 0);
	move_begin();
	move_here();
	if (tcgetpgrp(0) != getpid() || getsid(0) != getpid())
		_exit(2);
	if (write(report, "r", 1) != 1)
		_exit(3);
	for (;;)
		pause();
}

MOVE_TEST(tty_control)
{
	struct winsize ws = { .ws_row = 10, .ws_col = 20 };
	int master, slave, fds[2], status;
	char byte = 0;
	pid_t pid;

	ASSERT_EQ(0, openpty(&master, &slave, NULL, NULL, &ws));
	ASSERT_EQ(0, pipe(fds));
	report = fds[1];
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(master);
		child(_metadata, slave);
	}
	close(slave);
	close(fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ('r', byte);
	ws.ws_row = 11;
	ASSERT_EQ(0, ioctl(master, TIOCSWINSZ, &ws));
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	EXPECT_EQ('w', byte);
	ASSERT_EQ(1, write(master, "\003", 1));
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	EXPECT_EQ('i', byte);
	close(master);
	status = wait_for(pid);
	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGHUP, WTERMSIG(status));
	close(fds[0]);
}
