// SPDX-License-Identifier: GPL-2.0
/*
 * A program's clocks do not go back.
 *
 * The time namespace of a surrogate continues home's clocks as well as the two nodes know how far
 * their clocks are apart, which is not exactly. So an image tells what the clocks said when the
 * program was frozen, and where it arrives it waits until they say that again.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/time_namespace.h>
#include "proc.h"

/* Clocks further apart are no matter of precision. */
#define PM_CLOCKS_WAIT	(5 * HZ)
/* And for CLOCK_MONOTONIC_RAW not even so much is. */
#define PM_RAW_MOST	(50 * NSEC_PER_MSEC)

/* What one of current's clocks says, in ns. */
static u64 pm_clock_read(enum pm_clock clock)
{
	struct timespec64 ts;

	switch (clock) {
	case PM_CLOCK_BOOT:
		ktime_get_boottime_ts64(&ts);
		timens_add_boottime(&ts);
		break;
	case PM_CLOCK_COARSE:
		ktime_get_coarse_ts64(&ts);
		timens_add_monotonic(&ts);
		break;
	case PM_CLOCK_RAW:
		ktime_get_raw_ts64(&ts);
		timens_add_monotonic(&ts);
		break;
	default:
		ktime_get_ts64(&ts);
		timens_add_monotonic(&ts);
	}
	return timespec64_to_ns(&ts);
}

/**
 * pm_clocks_capture() - what the clocks of current say
 * @img: filled, one for each enum pm_clock
 *
 * Context: current, frozen, like all other threads of its process.
 */
void pm_clocks_capture(__le64 *img)
{
	int i;

	for (i = 0; i < PM_CLOCKS; i++)
		img[i] = cpu_to_le64(pm_clock_read(i));
}

/* The raw clock is where the other one is, as well as a node has kept the two together. */
static bool pm_clocks_behind(const u64 *clocks)
{
	u64 now;
	int i;

	for (i = 0; i < PM_CLOCKS; i++) {
		now = pm_clock_read(i);
		if (now < clocks[i] && (i != PM_CLOCK_RAW || clocks[i] - now < PM_RAW_MOST))
			return true;
	}
	return false;
}

/**
 * pm_clocks_reach() - wait until current's clocks say what they said at the last node
 * @clocks: what they said, in ns
 *
 * Context: current, before the program runs here. Sleeps, killable.
 * Return: 0, -EINTR, -ETIMEDOUT.
 */
int pm_clocks_reach(const u64 *clocks)
{
	unsigned long end = jiffies + PM_CLOCKS_WAIT;

	while (pm_clocks_behind(clocks)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (time_after(jiffies, end)) {
			pr_warn_ratelimited("process %d (%s) comes from a node whose clocks are far ahead\n",
					    task_tgid_nr(current), current->comm);
			return -ETIMEDOUT;
		}
		usleep_range(100, 500);
	}
	return 0;
}
