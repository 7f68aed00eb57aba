/* SPDX-License-Identifier: GPL-2.0 */
/* What happens is counted (PROCMIG_CMD_STATS_GET) and told to who listens (group "events"). */
#ifndef PM_EVENT_H
#define PM_EVENT_H

#include <linux/types.h>
#include <linux/procmig.h>

struct pm_info;

/* Count a guest that has arrived, or been killed for its home is gone. Any context. */
void pm_count_guest(bool arrived);
/* Any counter, those of the link layer included. Any context. */
u64 pm_stat(enum procmig_stat stat);

/* Events of links are pm_event_link() of link.h. */

/*
 * pm_event_proc() - something happened to a process whose home we are
 * @ev: PROCMIG_EV_MOVED, _HOME, _FAILED or _LOST
 * @info: the process, as it is after the event
 * @err: negative errno for PROCMIG_EV_FAILED, otherwise 0
 * Counts it and tells it. Context: may sleep.
 */
void pm_event_proc(enum procmig_event ev, const struct pm_info *info, int err);

#endif
