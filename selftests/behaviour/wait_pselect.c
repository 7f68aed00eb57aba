// SPDX-License-Identifier: GPL-2.0
/* pselect() waits for descriptors, its time and, with its mask, for a signal, while it moves. */
#include "../move.h"
#include <sys/select.h>

static volatile sig_atomic_t got;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	got = 1;
}

static int select_for(int fd, int64_t ms, fd_set *fds, const sigset_t *mask)
{
	struct timespec ts = ms_ts(ms);

	FD_ZERO(fds);
	FD_SET(fd, fds);
	return pselect(fd + 1, fds, NULL, NULL, &ts, mask);
}

MOVE_TEST(wait_pselect)
{
	sigset_t set = sigset_of(SIGUSR1), old, none;
	int64_t start;
	fd_set fds;
	int p[2];

	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
	on_signal(SIGUSR1, handler, 0);
	got = 0;
	sigemptyset(&none);
	ASSERT_EQ(0, pipe(p));
	move_begin();
	start = now_ms();
	move_later(100);
	EXPECT_EQ(0, select_for(p[0], 500, &fds, NULL));
	EXPECT_TOOK(start, 500);
	move_wait();
	EXPECT_EQ(1, write(p[1], "x", 1));
	EXPECT_EQ(1, select_for(p[0], 10000, &fds, &set));
	EXPECT_TRUE(FD_ISSET(p[0], &fds));
	EXPECT_EQ(0, kill(getpid(), SIGUSR1));
	EXPECT_EQ(0, got);
	EXPECT_EQ(1, syscall(SYS_pselect6, p[0] + 1, &fds, NULL, NULL, NULL, NULL));
	EXPECT_EQ(1, read(p[0], (char[1]){ 0 }, 1));
	EXPECT_EQ(-1, select_for(p[0], 60000, &fds, &none));
	EXPECT_EQ(1, got);
	close(p[0]);
	close(p[1]);
	signal(SIGUSR1, SIG_DFL);
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
}
