// SPDX-License-Identifier: GPL-2.0
/* prctl(): each of its options that is about a process and not about the processor. */
#include "../move.h"
#include <sys/prctl.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA	0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif

static int child(struct __test_metadata *_metadata)
{
	int value = -1;
	char name[16];
	void *p;

	move_begin();
	move_here();
	if (prctl(PR_SET_DUMPABLE, 1) || prctl(PR_GET_DUMPABLE) != 1)
		return 1;
	if (prctl(PR_SET_KEEPCAPS, 1) || prctl(PR_GET_KEEPCAPS) != 1 || prctl(PR_SET_KEEPCAPS, 0))
		return 2;
	if (prctl(PR_GET_TIMING) != PR_TIMING_STATISTICAL)
		return 3;
	if (prctl(PR_SET_TIMING, PR_TIMING_TIMESTAMP) != -1 || errno != EINVAL)
		return 4;
	if (prctl(PR_SET_NAME, "a longer name than fits") || prctl(PR_GET_NAME, name) ||
	    strcmp(name, "a longer name t"))
		return 5;
	if (prctl(PR_GET_SECCOMP) || prctl(PR_GET_SECUREBITS))
		return 6;
	if (prctl(PR_CAPBSET_READ, 21) != 1 || prctl(PR_CAPBSET_DROP, 21) ||
	    prctl(PR_CAPBSET_READ, 21) != 0)
		return 7;
	if (prctl(PR_CAPBSET_READ, 1000) != -1 || errno != EINVAL)
		return 8;
	if (prctl(PR_SET_SECUREBITS, 1) || prctl(PR_GET_SECUREBITS) != 1)
		return 9;
	if (prctl(PR_GET_TSC, &value) || value != PR_TSC_ENABLE)
		return 10;
	move_here();
	if (prctl(PR_TASK_PERF_EVENTS_DISABLE) || prctl(PR_TASK_PERF_EVENTS_ENABLE))
		return 11;
	if (prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) != PR_MCE_KILL_DEFAULT ||
	    prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0) ||
	    prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) != PR_MCE_KILL_LATE)
		return 12;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 13;
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) || prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != 1)
		return 14;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0))
		return 15;
	if (prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) || prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0) != 1 ||
	    prctl(PR_SET_IO_FLUSHER, 0, 0, 0, 0))
		return 16;
	if (prctl(PR_GET_SPECULATION_CTRL, 0, 0, 0, 0) < 0)
		return 17;
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED ||
	    (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 4096, "named") && errno != EINVAL))
		return 18;
	move_here();
	/* what changes the processor's state, or memory by address: at home */
	if (prctl(PR_GET_FPEXC, &value) != -1 || errno != EINVAL)
		return 19;
	if (prctl(PR_SET_MM, PR_SET_MM_ARG_START, 1, 0, 0) != -1)
		return 20;
	return 0;
}

MOVE_TEST(proc_prctl)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
