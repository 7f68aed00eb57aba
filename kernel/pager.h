/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PM_PAGER_H
#define PM_PAGER_H

#include <linux/list.h>

struct pm_chan;
struct pm_mm;

/**
 * struct pm_server - a kernel thread that serves pages on one channel
 * @entry: in pm_mm.servers, under pm_mm.lock
 * @mm: counted reference
 * @chan: counted reference
 * @node: who opened it
 * @data: room for the pages of one answer about a file, allocated when first needed
 */
struct pm_server {
	struct list_head entry;
	struct pm_mm *mm;
	struct pm_chan *chan;
	u32 node;
	void *data;
};

#endif
