// SPDX-License-Identifier: GPL-2.0
/* 300 signals sent while it moves: queued ones all arrive, none twice. */
#include "../move.h"

#define COUNT	300

static unsigned char seen[COUNT];
static volatile int count;

static void handler(int sig, siginfo_t *info, void *uc)
{
	int i = info->si_value.sival_int;

	(void)sig;
	(void)uc;
	if (i < 0 || i >= COUNT || seen[i]++)
		_exit(98);
	count++;
}

static int sender(pid_t to)
{
	int i;

	for (i = 0; i < COUNT; i++) {
		while (sigqueue(to, SIGRTMIN, (union sigval){ .sival_int = i }))
			if (errno != EAGAIN)
				return 1;
		if (i % 10 == 0)
			sleep_ms(10);
	}
	return 0;
}

MOVE_TEST(signal_storm)
{
	volatile uint64_t work = 0;
	pid_t me = getpid(), pid;
	int i;

	memset(seen, 0, sizeof(seen));
	count = 0;
	on_signal(SIGRTMIN, handler, SA_RESTART);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(sender(me));
	move_begin();
	move_later(50);
	while (count < COUNT)
		for (i = 0; i < 10000; i++)
			work = pattern(work);
	move_wait();
	move_end();
	EXPECT_EQ(COUNT, count);
	for (i = 0; i < COUNT; i++)
		EXPECT_EQ(1, seen[i]);
	EXPECT_EQ(0, wait_for(pid));
	signal(SIGRTMIN, SIG_DFL);
}
