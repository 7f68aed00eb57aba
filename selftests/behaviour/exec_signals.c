// SPDX-License-Identifier: GPL-2.0
/*
 * Over an exec handlers are gone, ignored signals stay ignored, the mask and what is pending stay,
 * the alternate stack is gone.
 */
#include "../exec.h"

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	_exit(9);
}

static int after_exec(const char *stage, int argc, char **argv)
{
	struct sigaction sa;
	sigset_t set;
	stack_t ss;

	(void)stage;
	(void)argc;
	(void)argv;
	CHECK(!sigaction(SIGUSR1, NULL, &sa) && sa.sa_handler == SIG_DFL);
	CHECK(!sigaction(SIGUSR2, NULL, &sa) && sa.sa_handler == SIG_IGN);
	CHECK(!sigaction(SIGHUP, NULL, &sa) && sa.sa_handler == SIG_DFL);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &set));
	CHECK(sigismember(&set, SIGUSR1) && sigismember(&set, SIGRTMIN + 3));
	CHECK(!sigismember(&set, SIGTERM));
	CHECK(!sigpending(&set));
	CHECK(sigismember(&set, SIGUSR1) && sigismember(&set, SIGRTMIN + 3));
	CHECK(!sigismember(&set, SIGHUP));
	CHECK(!sigaltstack(NULL, &ss) && ss.ss_flags == SS_DISABLE);
	kill(getpid(), SIGUSR2);
	/* what was pending is still what was sent */
	set = sigset_of(SIGRTMIN + 3);
	CHECK(sigwaitinfo(&set, NULL) == SIGRTMIN + 3);
	CHECK(sigwaitinfo(&set, NULL) == SIGRTMIN + 3);
	/* and has its default action now */
	set = sigset_of(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 3;
}

static int child(struct __test_metadata *_metadata)
{
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	sigset_t set;

	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGHUP, handler, 0);
	signal(SIGUSR2, SIG_IGN);
	CHECK(!sigaltstack(&ss, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	move_begin();
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGRTMIN + 3);
	move_here();
	kill(getpid(), SIGRTMIN + 3);
	return exec_self("signals");
}

MOVE_TEST(exec_signals)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(128 + SIGUSR1, exec_verdict(pid));
}
