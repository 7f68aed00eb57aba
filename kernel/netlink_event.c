// SPDX-License-Identifier: GPL-2.0
/* Events: a counter for each, and a message when somebody listens. */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include "event.h"
#include "link.h"
#include "move.h"
#include "netlink.h"

#define PM_GROUP_EVENTS	0	/* index in the family's groups */

/* The counters of processes; pm_count() has those of the link layer. */
static atomic64_t pm_stats[PROCMIG_STAT_KILLED + 1];

/* The link layer's counters follow ours in enum procmig_stat, in their own order. */
static_assert(PROCMIG_STAT_MAX - PROCMIG_STAT_ACCEPTED + 1 == PM_COUNT_MAX);
static_assert(PROCMIG_STAT_PROTO - PROCMIG_STAT_ACCEPTED == PM_COUNT_PROTO);
static_assert(PROCMIG_STAT_FOREIGN - PROCMIG_STAT_ACCEPTED == PM_COUNT_FOREIGN);

void pm_count_guest(bool arrived)
{
	atomic64_inc(&pm_stats[arrived ? PROCMIG_STAT_ARRIVED : PROCMIG_STAT_KILLED]);
}

u64 pm_stat(enum procmig_stat stat)
{
	if (stat >= PROCMIG_STAT_ACCEPTED)
		return pm_count(stat - PROCMIG_STAT_ACCEPTED);
	return atomic64_read(&pm_stats[stat]);
}

/* Send @ev with what @put adds, unless nobody listens. A listener may miss it: no memory. */
static void pm_event_send(enum procmig_event ev, int (*put)(struct sk_buff *skb, const void *arg),
			  const void *arg)
{
	struct sk_buff *skb;
	void *head;

	/* links go down after the family when the module is unloaded */
	if (READ_ONCE(pm_nl_closed) ||
	    !genl_has_listeners(&pm_genl_family, &init_net, PM_GROUP_EVENTS))
		return;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	head = genlmsg_put(skb, 0, 0, &pm_genl_family, 0, PROCMIG_CMD_EVENT);
	if (!head || nla_put_u32(skb, PROCMIG_A_EVENT, ev) || put(skb, arg)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, head);
	genlmsg_multicast(&pm_genl_family, skb, 0, PM_GROUP_EVENTS, GFP_KERNEL);
}

static int pm_event_put_link(struct sk_buff *skb, const void *arg)
{
	const u32 *node = arg;

	return nla_put_u32(skb, PROCMIG_A_NODE, *node);
}

void pm_event_link(u32 node, bool up)
{
	pm_event_send(up ? PROCMIG_EV_LINK_UP : PROCMIG_EV_LINK_DOWN, pm_event_put_link, &node);
}

/** struct pm_event - arguments of pm_event_proc() */
struct pm_event {
	const struct pm_info *info;
	int err;
};

static int pm_event_put_proc(struct sk_buff *skb, const void *arg)
{
	const struct pm_event *event = arg;
	int err = pm_nl_put_info(skb, event->info);

	if (!err && event->err)
		err = nla_put_u32(skb, PROCMIG_A_ERROR, -event->err);
	return err;
}

void pm_event_proc(enum procmig_event ev, const struct pm_info *info, int err)
{
	static const u8 counter[] = {
		[PROCMIG_EV_MOVED] = PROCMIG_STAT_MOVED,
		[PROCMIG_EV_HOME] = PROCMIG_STAT_HOME,
		[PROCMIG_EV_FAILED] = PROCMIG_STAT_FAILED,
		[PROCMIG_EV_LOST] = PROCMIG_STAT_LOST,
	};
	struct pm_event event = { .info = info, .err = err };

	atomic64_inc(&pm_stats[counter[ev]]);
	pm_event_send(ev, pm_event_put_proc, &event);
}
