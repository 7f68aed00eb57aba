// SPDX-License-Identifier: GPL-2.0
/* prctl() settings: dumpable, death signal, keep-caps, child subreaper, timer slack. */
#include "../move.h"
#include <sys/prctl.h>

MOVE_TEST(proc_control)
{
	int sig = 0, flag = 0;

	ASSERT_EQ(0, prctl(PR_SET_PDEATHSIG, SIGUSR2));
	ASSERT_EQ(0, prctl(PR_SET_TIMERSLACK, 70000));
	move_begin();
	move_here();
	EXPECT_EQ(0, prctl(PR_GET_PDEATHSIG, &sig));
	EXPECT_EQ(SIGUSR2, sig);
	EXPECT_EQ(1, prctl(PR_GET_DUMPABLE));
	EXPECT_EQ(70000, prctl(PR_GET_TIMERSLACK));
	EXPECT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_EQ(0, prctl(PR_GET_CHILD_SUBREAPER, &flag));
	EXPECT_EQ(1, flag);
	EXPECT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 0));
	EXPECT_EQ(0, prctl(PR_SET_PDEATHSIG, 0));
	EXPECT_EQ(-1, prctl(0x7fff1234, 0, 0, 0, 0));
	EXPECT_EQ(EINVAL, errno);
}
