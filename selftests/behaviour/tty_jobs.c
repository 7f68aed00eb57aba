// SPDX-License-Identifier: GPL-2.0
/*
 * Job control: a background job that reads the terminal is stopped, wherever it runs, and goes on when
 * it has come to the foreground; so is one that writes, if the terminal says so.
 */
#include "../move.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

/* The job, of which the session's leader judges. It says when it has read, and goes on when told to. */
static int job(struct __test_metadata *_metadata, int said, int go)
{
	char line[16] = "", byte;
	int moves;

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	move_stay();
	/* SIGTTIN */
	if (read(0, line, sizeof(line)) != 4 || memcmp(line, "job\n", 4))
		return 1;
	if (tcgetpgrp(0) != getpgrp())
		return 2;
	if (write(said, "r", 1) != 1 || read(go, &byte, 1) != 1)
		return 4;
	/* SIGTTOU: it is in the background again */
	return write(1, "!", 1) == 1 ? 0 : 3;
}

static int leader(struct __test_metadata *_metadata, int slave, int master)
{
	int status, said[2], go[2];
	struct termios tio;
	char byte;
	pid_t pid;

	if (login_tty(slave) || tcgetattr(0, &tio))
		return 10;
	signal(SIGTTOU, SIG_IGN);
	tio.c_lflag |= TOSTOP;
	if (tcsetattr(0, TCSANOW, &tio))
		return 11;
	if (pipe(said) || pipe(go))
		return 12;
	pid = fork();
	if (pid < 0)
		return 12;
	if (!pid) {
		signal(SIGTTOU, SIG_DFL);
		setpgid(0, 0);
		_exit(job(_metadata, said[1], go[0]));
	}
	setpgid(pid, pid);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGTTIN)
		return 13;
	if (tcsetpgrp(0, pid) || write(master, "job\n", 4) != 4)
		return 14;
	if (kill(-pid, SIGCONT) || waitpid(pid, &status, WCONTINUED) != pid)
		return 15;
	if (!WIFCONTINUED(status) || read(said[0], &byte, 1) != 1)
		return 16;
	if (tcsetpgrp(0, getpgrp()) || write(go[1], "g", 1) != 1)
		return 17;
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTTOU)
		return 18;
	if (tcsetpgrp(0, pid) || kill(-pid, SIGCONT) || waitpid(pid, &status, 0) != pid)
		return 19;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 20;
}

MOVE_TEST(tty_jobs)
{
	int master, slave;
	pid_t pid;

	ASSERT_EQ(0, openpty(&master, &slave, NULL, NULL, NULL));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(leader(_metadata, slave, master));
	close(slave);
	EXPECT_EQ(0, wait_for(pid));
	close(master);
}
