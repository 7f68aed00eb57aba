// SPDX-License-Identifier: GPL-2.0
/*
 * Timers that run with the CPU time of the process: setitimer() of ITIMER_VIRTUAL and ITIMER_PROF.
 * They have to be where the CPU time is used, so they travel with the process: what is left of each
 * is taken from the one node and armed on the other.
 */
#include <linux/posix-timers.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/time64.h>
#include "compat.h"
#include "image.h"
#include "proc.h"

static const unsigned int pm_cpu_clocks[PM_CPU_TIMERS] = { CPUCLOCK_VIRT, CPUCLOCK_PROF };

/**
 * pm_cputimers_read() - what is left of current's CPU timers
 * @img: PM_CPU_TIMERS of them
 * Context: current. Changes nothing.
 */
void pm_cputimers_read(struct pm_img_cputimer *img)
{
	u64 used[CPUCLOCK_MAX], expires;
	struct cpu_itimer *it;
	int i;

	memset(img, 0, PM_CPU_TIMERS * sizeof(*img));
	spin_lock_irq(&pm_sighand()->siglock);
	for (i = 0; i < PM_CPU_TIMERS; i++) {
		it = &current->signal->it[pm_cpu_clocks[i]];
		expires = it->expires;
		if (!expires)
			continue;
		pm_sample_cputime(current, used);
		expires -= min(expires - 1, used[pm_cpu_clocks[i]]);
		img[i].left = cpu_to_le64(expires);
		img[i].interval = cpu_to_le64(it->incr);
	}
	spin_unlock_irq(&pm_sighand()->siglock);
}

/**
 * pm_cputimers_capture() - the same, for an image
 * @enc: image
 * Context: current, frozen. Return: 0 or -ENOMEM.
 */
int pm_cputimers_capture(struct pm_enc *enc)
{
	struct pm_img_cputimer img[PM_CPU_TIMERS];

	pm_cputimers_read(img);
	return pm_enc_put(enc, PM_TAG_CPUTIMERS, img, sizeof(img));
}

static void pm_cputimer_set(unsigned int clock, u64 left, u64 interval)
{
	struct cpu_itimer *it = &current->signal->it[clock];
	u64 old;

	spin_lock_irq(&pm_sighand()->siglock);
	old = it->expires;
	if (old || left)
		pm_set_process_cpu_timer(current, clock, &left, &old);
	it->expires = left;
	it->incr = interval;
	spin_unlock_irq(&pm_sighand()->siglock);
}

/** pm_cputimers_park() - the process has left: they are armed elsewhere. Context: current. */
void pm_cputimers_park(void)
{
	int i;

	for (i = 0; i < PM_CPU_TIMERS; i++)
		pm_cputimer_set(pm_cpu_clocks[i], 0, 0);
}

/**
 * pm_cputimers_restore() - arm the timers of an image for current
 * @data: content of the record, from the peer
 * @len: bytes of it
 * Return: 0 or -EPROTO.
 */
int pm_cputimers_restore(const void *data, size_t len)
{
	const struct pm_img_cputimer *img = data;
	int i;

	if (len != PM_CPU_TIMERS * sizeof(*img))
		return -EPROTO;
	for (i = 0; i < PM_CPU_TIMERS; i++)
		pm_cputimer_set(pm_cpu_clocks[i], le64_to_cpu(img[i].left),
				le64_to_cpu(img[i].interval));
	return 0;
}
