// SPDX-License-Identifier: GPL-2.0
/* With SA_RESTART a handler leaves read() waiting; without, read() says EINTR. */
#include "../move.h"
#include <sys/time.h>

static volatile int count;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	count++;
}

static int writer(int fd)
{
	sleep_ms(700 * move_slow());
	return write(fd, "late", 4) != 4;
}

MOVE_TEST(signal_restart_read)
{
	struct itimerval it = { .it_value = { 0, 300000 } };
	char text[8];
	int fds[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(writer(fds[1]));
	count = 0;
	move_begin();
	on_signal(SIGALRM, handler, SA_RESTART);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	move_later(100);
	EXPECT_EQ(4, read(fds[0], text, sizeof(text)));
	while (!count)
		sleep_ms(5);
	EXPECT_EQ(1, count);
	move_wait();
	on_signal(SIGALRM, handler, 0);
	/* Periodic: the first may come before read() waits. */
	it.it_interval = it.it_value;
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_EQ(-1, read(fds[0], text, sizeof(text)));
	EXPECT_EQ(EINTR, errno);
	memset(&it, 0, sizeof(it));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_LE(2, count);
	signal(SIGALRM, SIG_DFL);
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(fds[0]);
	close(fds[1]);
}
