/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fault switch: parameter `fault=N` makes step N of a move fail once, so that tests walk
 * through every way in which a move can break. 0 is off. The switch clears itself when it has
 * struck.
 */
#ifndef PM_FAULT_H
#define PM_FAULT_H

#include <linux/types.h>

/** enum pm_fault_step - the steps, in the order of a move */
enum pm_fault_step {
	PM_FAULT_NONE,
	PM_FAULT_ALLOC_THREAD,	/* either end: no memory for the thread */
	PM_FAULT_CONNECT,	/* home: the channel cannot be opened */
	PM_FAULT_NURSERY,	/* remote: no task for the surrogate */
	PM_FAULT_PAGE_CHANNELS,	/* remote: the page channels cannot be opened */
	PM_FAULT_PREPARED_LOST,	/* remote sink: the channel breaks instead of PREPARED */
	PM_FAULT_PREPARED_UNSAID, /* ... or nothing is said */
	PM_FAULT_CAPTURE_STATE,	/* source: registers and signals */
	PM_FAULT_CAPTURE_MM,	/* source: memory layout */
	PM_FAULT_IMAGE_LOST,	/* home, to a sink: the channel breaks instead of IMAGE */
	PM_FAULT_IMAGE_UNSAID,
	PM_FAULT_RESTORE_STATE,	/* sink: registers and signals */
	PM_FAULT_RESTORE_MM,	/* sink: memory layout */
	PM_FAULT_READY_LOST,	/* remote sink: the channel breaks instead of READY */
	PM_FAULT_READY_UNSAID,
	PM_FAULT_RUN_LOST,	/* home: the channel breaks instead of RUN */
	PM_FAULT_RUN_UNSAID,
	PM_FAULT_RUNNING_LOST,	/* remote sink: the channel breaks instead of RUNNING */
	PM_FAULT_RUNNING_UNSAID,
	PM_FAULT_PAGES_LOST,	/* sink: a page channel breaks after the layout is restored */
	PM_FAULT_FORK_CHILD,	/* home: the child at home cannot become a deputy */
	PM_FAULT_FORK_JOIN,	/* remote: no memory for the child's channel */
	PM_FAULT_FORK_CLONE,	/* remote: the surrogate cannot be cloned */
	PM_FAULT_FORK_MM,	/* remote: no memory for the child's */
	PM_FAULT_FORK_LOST,	/* remote: the parent's channel breaks instead of BORN */
	PM_FAULT_FORK_KILLED,	/* home: the child is killed before BORN */
	PM_FAULT_FORK_TAKEN,	/* home: the id that it has proposed is somebody else's */
	PM_FAULT_MAX = PM_FAULT_FORK_TAKEN,
};

/* True when this step is to fail now. Any context. */
bool pm_fault(enum pm_fault_step step);

struct pm_chan;

/*
 * pm_fault_send() - pm_chan_send() of what is said in a step of a move
 * @lost: the step that breaks the channel instead; the next one says nothing
 * Context, return: as pm_chan_send(); 0 if nothing was to be said.
 */
int pm_fault_send(struct pm_chan *chan, enum pm_fault_step lost, u16 type, const void *data,
		  size_t len);

#endif
