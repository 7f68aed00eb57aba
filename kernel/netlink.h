/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink: commands (netlink.c), answers (netlink_dump.c), events (netlink_event.c). */
#ifndef PM_NETLINK_H
#define PM_NETLINK_H

#include <net/genetlink.h>

struct pm_info;

/* Register the family. Context: may sleep. Return: 0 or negative errno. */
/* The family is being unregistered: no more events. Set once, by pm_netlink_exit(). */
extern bool pm_nl_closed;

int pm_netlink_init(void);
/* Remove it; waits for running requests, and no event is sent any more. May sleep. */
void pm_netlink_exit(void);

extern struct genl_family pm_genl_family;

/* The process that the request names, a counted reference, or ERR_PTR with an extack sentence. */
struct task_struct *pm_nl_task(struct genl_info *info);

/*
 * The credentials with which the socket of request @skb was opened: a socket that was
 * inherited lends nobody the rights of the one who uses it. Valid during the doit.
 */
const struct cred *pm_nl_cred(struct sk_buff *skb);

/* Put all that @info says. Return: 0 or -EMSGSIZE. */
int pm_nl_put_info(struct sk_buff *skb, const struct pm_info *info);

int pm_nl_self_get(struct sk_buff *skb, struct genl_info *info);
int pm_nl_node_get(struct sk_buff *skb, struct genl_info *info);
int pm_nl_node_dump(struct sk_buff *skb, struct netlink_callback *cb);
int pm_nl_proc_get(struct sk_buff *skb, struct genl_info *info);
int pm_nl_proc_dump(struct sk_buff *skb, struct netlink_callback *cb);
int pm_nl_stats_get(struct sk_buff *skb, struct genl_info *info);

#endif
