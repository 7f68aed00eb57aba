// SPDX-License-Identifier: GPL-2.0
/* A handler sees who sent the signal, how, and with which value. */
#include "../move.h"

static volatile int count;
static siginfo_t seen;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	seen = *info;
	count++;
}

/* The sender, which never moves; waits for "go" so that the move comes first. */
static int sender(pid_t to, int fd)
{
	char go;

	if (read(fd, &go, 1) != 1 || kill(to, SIGUSR1))
		return 1;
	if (read(fd, &go, 1) != 1 || sigqueue(to, SIGUSR1, (union sigval){ .sival_int = -7 }))
		return 1;
	return read(fd, &go, 1) != 0;
}

MOVE_TEST(signal_siginfo)
{
	pid_t me = getpid(), pid;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	on_signal(SIGUSR1, handler, 0);
	count = 0;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		_exit(sender(me, fds[0]));
	}
	close(fds[0]);
	move_begin();
	move_here();
	ASSERT_EQ(1, write(fds[1], "g", 1));
	while (count < 1)
		sleep_ms(5);
	EXPECT_EQ(SIGUSR1, seen.si_signo);
	EXPECT_EQ(SI_USER, seen.si_code);
	EXPECT_EQ(pid, seen.si_pid);
	EXPECT_EQ(getuid(), seen.si_uid);
	ASSERT_EQ(1, write(fds[1], "g", 1));
	while (count < 2)
		sleep_ms(5);
	EXPECT_EQ(SI_QUEUE, seen.si_code);
	EXPECT_EQ(pid, seen.si_pid);
	EXPECT_EQ(-7, seen.si_value.sival_int);
	EXPECT_EQ(2, count);
	move_end();
	close(fds[1]);
	EXPECT_EQ(0, wait_for(pid));
	signal(SIGUSR1, SIG_DFL);
}
