// SPDX-License-Identifier: GPL-2.0
/* Signals as they are sent by the raw calls: to a process, to a thread, with a siginfo of one's own. */
#include "../move.h"

static volatile sig_atomic_t got, code, value;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	code = info->si_code;
	value = info->si_value.sival_int;
	got = sig;
}

static int took(int sig, int want)
{
	int right = got == sig && code == want;

	got = code = 0;
	return right;
}

MOVE_TEST(signal_queue_info)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = -33 };
	sigset_t set = sigset_of(SIGUSR1), old, pending, none;
	pid_t tid = syscall(SYS_gettid);
	struct timespec ts = { 5, 0 };
	long ret;

	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGUSR2, handler, 0);
	got = code = value = 0;
	move_begin();
	move_here();
	info.si_value.sival_int = 17;
	EXPECT_EQ(0, syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
	EXPECT_TRUE(took(SIGUSR1, -33));
	EXPECT_EQ(17, value);
	info.si_code = -34;
	EXPECT_EQ(0, syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, SIGUSR1, &info));
	EXPECT_TRUE(took(SIGUSR1, -34));
	EXPECT_EQ(0, syscall(SYS_tkill, tid, SIGUSR2));
	EXPECT_TRUE(took(SIGUSR2, SI_TKILL));
	EXPECT_EQ(0, syscall(SYS_kill, getpid(), SIGUSR2));
	EXPECT_TRUE(took(SIGUSR2, SI_USER));
	move_here();
	ASSERT_EQ(0, syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 8));
	EXPECT_EQ(0, syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
	sigemptyset(&pending);
	EXPECT_EQ(0, syscall(SYS_rt_sigpending, &pending, 8));
	EXPECT_TRUE(sigismember(&pending, SIGUSR1));
	EXPECT_EQ(0, got);
	memset(&info, 0, sizeof(info));
	do
		ret = syscall(SYS_rt_sigtimedwait, &set, &info, &ts, 8);
	while (ret == -1 && errno == EINTR);
	EXPECT_EQ(SIGUSR1, ret);
	EXPECT_EQ(SI_TKILL, info.si_code);
	EXPECT_EQ(0, syscall(SYS_tkill, tid, SIGUSR1));
	sigemptyset(&none);
	EXPECT_EQ(-1, syscall(SYS_rt_sigsuspend, &none, 8));
	EXPECT_EQ(EINTR, errno);
	EXPECT_TRUE(took(SIGUSR1, SI_TKILL));
	ASSERT_EQ(0, sigprocmask(SIG_SETMASK, &old, NULL));
	EXPECT_EQ(-1, syscall(SYS_tkill, tid, 99));
	EXPECT_EQ(EINVAL, errno);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}
