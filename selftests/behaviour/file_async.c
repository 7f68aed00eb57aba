// SPDX-License-Identifier: GPL-2.0
/* O_ASYNC: SIGIO, or another signal that tells descriptor and band, to the owner that is set. */
#include "../move.h"
#include <sys/socket.h>

static volatile sig_atomic_t got, fd_of, band_of;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	fd_of = info->si_fd;
	band_of = info->si_band;
	got = sig;
}

static int await_signal(void)
{
	int64_t end = now_ms() + 20000;

	while (!got && now_ms() < end)
		usleep(1000);
	return got;
}

MOVE_TEST(file_async)
{
	struct f_owner_ex owner = { F_OWNER_TID, syscall(SYS_gettid) }, back = { 0 };
	char text[4];
	int s[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	on_signal(SIGIO, handler, SA_RESTART);
	on_signal(SIGRTMIN + 3, handler, SA_RESTART);
	got = 0;
	move_begin();
	move_here();
	EXPECT_EQ(0, fcntl(s[0], F_SETOWN, getpid()));
	EXPECT_EQ(getpid(), fcntl(s[0], F_GETOWN));
	EXPECT_EQ(0, fcntl(s[0], F_SETFL, O_ASYNC));
	EXPECT_EQ(1, write(s[1], "a", 1));
	EXPECT_EQ(SIGIO, await_signal());
	EXPECT_EQ(1, read(s[0], text, sizeof(text)));
	got = 0;
	EXPECT_EQ(0, fcntl(s[0], F_SETSIG, SIGRTMIN + 3));
	EXPECT_EQ(0, fcntl(s[0], F_SETOWN_EX, &owner));
	EXPECT_EQ(0, fcntl(s[0], F_GETOWN_EX, &back));
	EXPECT_EQ(F_OWNER_TID, back.type);
	EXPECT_EQ(owner.pid, back.pid);
	move_here();
	EXPECT_EQ(1, write(s[1], "b", 1));
	EXPECT_EQ(SIGRTMIN + 3, await_signal());
	EXPECT_EQ(s[0], fd_of);
	EXPECT_TRUE(band_of & POLLIN);
	EXPECT_EQ(0, fcntl(s[0], F_SETFL, 0));
	close(s[0]);
	close(s[1]);
	signal(SIGIO, SIG_DFL);
	signal(SIGRTMIN + 3, SIG_DFL);
}
