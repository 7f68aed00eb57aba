// SPDX-License-Identifier: GPL-2.0
/* The fault switch, see fault.h. */
#include <linux/atomic.h>
#include <linux/module.h>
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
