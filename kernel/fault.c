// SPDX-License-Identifier: GPL-2.0
/* The fault switch, see fault.h. */
#include <linux/atomic.h>
#include <linux/module.h>
#include "chan.h"
#include "fault.h"

static unsigned int pm_fault_step;
module_param_named(fault, pm_fault_step, uint, 0600);
MODULE_PARM_DESC(fault, "number of the step of a move that is to fail once, 0 for none (tests)");

static unsigned int pm_fault_last = PM_FAULT_MAX;
module_param_named(fault_max, pm_fault_last, uint, 0400);
MODULE_PARM_DESC(fault_max, "largest value of fault");

bool pm_fault(enum pm_fault_step step)
{
	return unlikely(READ_ONCE(pm_fault_step) == step) &&
	       cmpxchg(&pm_fault_step, step, PM_FAULT_NONE) == step;
}

int pm_fault_send(struct pm_chan *chan, enum pm_fault_step lost, u16 type, const void *data,
		  size_t len)
{
	if (pm_fault(lost))
		pm_chan_kill(chan);
	return pm_fault(lost + 1) ? 0 : pm_chan_send(chan, type, 0, data, len, NULL, 0);
}
