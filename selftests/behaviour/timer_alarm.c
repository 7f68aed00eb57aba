// SPDX-License-Identifier: GPL-2.0
/* alarm() set before the move goes off in time after it; its rest can be asked for. */
#include "../move.h"

static volatile int64_t rang;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
	rang = now_ms();
}

MOVE_TEST(timer_alarm)
{
	int64_t start;

	on_signal(SIGALRM, handler, 0);
	rang = 0;
	move_begin();
	start = now_ms();
	ASSERT_EQ(0, alarm(2 * move_slow()));
	move_here();
	while (!rang && now_ms() - start < 20000)
		sleep_ms(10);
	EXPECT_GE(rang - start, 2000 * move_slow() - 10);
	EXPECT_LE(rang - start, 2000 * move_slow() + SLACK_MS);
	EXPECT_EQ(0, alarm(100));
	move_here();
	EXPECT_GE(alarm(0), 90);
	signal(SIGALRM, SIG_DFL);
}
