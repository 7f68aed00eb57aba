// SPDX-License-Identifier: GPL-2.0
/*
 * forker FILE - fork again and again; child and parent each append a line to FILE
 *
 * The lines are "N child" and "N parent" with N from 1 on, in this order. A child that does not
 * come, or twice, or that ends otherwise than it should, cannot be missed. Ends with status 0 at
 * SIGTERM after its line, with 7 when a child is killed, with another one when anything else is wrong.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void handler(int sig)
{
	(void)sig;
	stop = 1;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	int fd, status, i;
	pid_t pid;

	if (argc < 2)
		return 2;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (fd < 0)
		return 1;
	sigaction(SIGTERM, &sa, NULL);
	for (i = 1; !stop; i++) {
		pid = fork();
		if (pid < 0)
			return 3;
		if (!pid)
			_exit(dprintf(fd, "%d child\n", i) > 0 ? 42 : 1);
		if (waitpid(pid, &status, 0) != pid)
			return 4;
		if (status != 42 << 8)
			return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 7 : 8;
		if (dprintf(fd, "%d parent\n", i) < 0)
			return 5;
		usleep(20000);
	}
	return waitpid(-1, &status, 0) >= 0 ? 6 : 0;
}
