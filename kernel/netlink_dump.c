// SPDX-License-Identifier: GPL-2.0
/* Generic netlink family "procmig": the commands that answer questions. */
#include <linux/cred.h>
#include <linux/in6.h>
#include <linux/mm.h>
#include <linux/procmig.h>
#include <linux/ptrace.h>
#include <linux/sched/loadavg.h>
#include <linux/sched/task.h>
#include "compat.h"
#include "event.h"
#include "link.h"
#include "move.h"
#include "netlink.h"

/* Room for the reasons against a move; they are cut to what fits. */
#define PM_NL_PROC_SIZE	16384

/** struct pm_nl_u64 - where in a structure the value of an attribute is */
struct pm_nl_u64 {
	u16 attr;
	u16 offset;
};

static const struct pm_nl_u64 pm_nl_info_u64[] = {
	{ PROCMIG_A_MOVES, offsetof(struct pm_info, moves) },
	{ PROCMIG_A_CALLS, offsetof(struct pm_info, calls) },
	{ PROCMIG_A_SIGNALS, offsetof(struct pm_info, signals) },
	{ PROCMIG_A_RECALLS, offsetof(struct pm_info, recalls) },
	{ PROCMIG_A_FREEZE, offsetof(struct pm_info, freeze_ns) },
	{ PROCMIG_A_UTIME, offsetof(struct pm_info, utime) },
	{ PROCMIG_A_STIME, offsetof(struct pm_info, stime) },
	{ PROCMIG_A_MEM_EAGER, offsetof(struct pm_info, mem.eager) },
	{ PROCMIG_A_MEM_DEMAND, offsetof(struct pm_info, mem.demand) },
	{ PROCMIG_A_MEM_AHEAD, offsetof(struct pm_info, mem.ahead) },
	{ PROCMIG_A_MEM_PUSHED, offsetof(struct pm_info, mem.pushed) },
	{ PROCMIG_A_MEM_FILE, offsetof(struct pm_info, mem.file) },
	{ PROCMIG_A_MEM_ZERO, offsetof(struct pm_info, mem.zero) },
	{ PROCMIG_A_MEM_LEFT, offsetof(struct pm_info, mem.left) },
	{ PROCMIG_A_MEM_FAULT, offsetof(struct pm_info, mem.fault_ns) },
};

static const struct pm_nl_u64 pm_nl_node_u64[] = {
	{ PROCMIG_A_LINK_SINCE, offsetof(struct pm_node_info, since) },
	{ PROCMIG_A_LINK_UPS, offsetof(struct pm_node_info, ups) },
	{ PROCMIG_A_LINK_TX_MSGS, offsetof(struct pm_node_info, tx_msgs) },
	{ PROCMIG_A_LINK_TX_BYTES, offsetof(struct pm_node_info, tx_bytes) },
	{ PROCMIG_A_LINK_RX_MSGS, offsetof(struct pm_node_info, rx_msgs) },
	{ PROCMIG_A_LINK_RX_BYTES, offsetof(struct pm_node_info, rx_bytes) },
	{ PROCMIG_A_LINK_AUTH_FAILURES, offsetof(struct pm_node_info, auth_failures) },
};

static int pm_nl_put_u64s(struct sk_buff *skb, const void *from, const struct pm_nl_u64 *map,
			  size_t nr)
{
	for (; nr; nr--, map++)
		if (nla_put_u64_64bit(skb, map->attr, *(const u64 *)(from + map->offset),
				      PROCMIG_A_PAD))
			return -EMSGSIZE;
	return 0;
}

int pm_nl_put_info(struct sk_buff *skb, const struct pm_info *info)
{
	if (nla_put_u32(skb, PROCMIG_A_PID, info->pid) ||
	    nla_put_u32(skb, PROCMIG_A_NODE, info->node) ||
	    nla_put_u32(skb, PROCMIG_A_HOME, info->home) ||
	    nla_put_u32(skb, PROCMIG_A_STATE, info->state) ||
	    nla_put_string(skb, PROCMIG_A_COMM, info->comm) ||
	    nla_put_u32(skb, PROCMIG_A_POLICY, info->policy.kind) ||
	    (info->policy.kind == PROCMIG_POLICY_NODE &&
	     nla_put_u32(skb, PROCMIG_A_POLICY_NODE, info->policy.node)) ||
	    nla_put_u64_64bit(skb, PROCMIG_A_MEM_SIZE, info->memory.pages[PM_MEM_SIZE],
			      PROCMIG_A_PAD) ||
	    nla_put_u64_64bit(skb, PROCMIG_A_MEM_RSS, pm_memory_rss(&info->memory),
			      PROCMIG_A_PAD))
		return -EMSGSIZE;
	return pm_nl_put_u64s(skb, info, pm_nl_info_u64, ARRAY_SIZE(pm_nl_info_u64));
}

static int pm_nl_put_addr(struct sk_buff *skb, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return nla_put(skb, PROCMIG_A_ADDR, sizeof(struct sockaddr_in), addr);
	if (addr->ss_family == AF_INET6)
		return nla_put(skb, PROCMIG_A_ADDR, sizeof(struct sockaddr_in6), addr);
	return 0;
}

static int pm_nl_put_load(struct sk_buff *skb, const struct pm_load *load)
{
	u32 percent = ((u64)load->load * 100) >> FSHIFT;

	if (nla_put_u32(skb, PROCMIG_A_LOAD, percent) ||
	    nla_put_u32(skb, PROCMIG_A_LOAD_CPUS, load->cpus) ||
	    nla_put_u64_64bit(skb, PROCMIG_A_LOAD_MEM_TOTAL, load->mem_total << PAGE_SHIFT,
			      PROCMIG_A_PAD) ||
	    nla_put_u64_64bit(skb, PROCMIG_A_LOAD_MEM_FREE, load->mem_free << PAGE_SHIFT,
			      PROCMIG_A_PAD) ||
	    nla_put_u32(skb, PROCMIG_A_LOAD_GUESTS, load->guests))
		return -EMSGSIZE;
	return 0;
}

static int pm_nl_put_node(struct sk_buff *skb, const struct pm_node_info *node)
{
	if (nla_put_u32(skb, PROCMIG_A_NODE, node->id) ||
	    pm_nl_put_addr(skb, &node->addr) ||
	    nla_put_u32(skb, PROCMIG_A_LINK_STATE, node->state) ||
	    (*node->why && nla_put_string(skb, PROCMIG_A_LINK_WHY, node->why)) ||
	    nla_put_u32(skb, PROCMIG_A_LINK_RTT, node->rtt_us) ||
	    nla_put_u32(skb, PROCMIG_A_LINK_CHANNELS, node->channels))
		return -EMSGSIZE;
	if (pm_nl_put_u64s(skb, node, pm_nl_node_u64, ARRAY_SIZE(pm_nl_node_u64)))
		return -EMSGSIZE;
	if (node->state != PM_LINK_UP)
		return 0;
	if (nla_put_string(skb, PROCMIG_A_LINK_RELEASE, node->release))
		return -EMSGSIZE;
	return pm_nl_put_load(skb, &node->load);
}

/* An empty reply to the request, its header in @head. Return: NULL without memory. */
static struct sk_buff *pm_nl_reply(struct genl_info *info, size_t size, void **head)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;
	*head = genlmsg_put_reply(skb, info, &pm_genl_family, 0, info->genlhdr->cmd);
	if (!*head) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* Send the reply unless filling it failed with @err. Consumes @skb. */
static int pm_nl_send(struct genl_info *info, struct sk_buff *skb, void *head, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

static int pm_nl_put_self(struct sk_buff *skb)
{
	struct pm_self_info self;
	struct pm_load load;

	pm_self_info(&self);
	pm_load_self(&load);
	if (nla_put_u32(skb, PROCMIG_A_NODE, self.id) ||
	    pm_nl_put_addr(skb, &self.bind) ||
	    nla_put_u16(skb, PROCMIG_A_PORT, self.port) ||
	    (self.key && nla_put_flag(skb, PROCMIG_A_KEY_SET)) ||
	    (self.listening && nla_put_flag(skb, PROCMIG_A_LISTENING)))
		return -EMSGSIZE;
	return pm_nl_put_load(skb, &load);
}

int pm_nl_self_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *head;

	reply = pm_nl_reply(info, NLMSG_DEFAULT_SIZE, &head);
	if (!reply)
		return -ENOMEM;
	return pm_nl_send(info, reply, head, pm_nl_put_self(reply));
}

int pm_nl_node_get(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[PROCMIG_A_NODE];
	struct pm_node_info node;
	struct sk_buff *reply;
	void *head;

	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the request has no node id");
		return -EINVAL;
	}
	if (pm_node_info(nla_get_u32(id), &node)) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no node with this id is configured");
		return -ENXIO;
	}
	reply = pm_nl_reply(info, NLMSG_DEFAULT_SIZE, &head);
	if (!reply)
		return -ENOMEM;
	return pm_nl_send(info, reply, head, pm_nl_put_node(reply, &node));
}

/* One message of a dump. @put fills it with @arg. Return: 0 or -EMSGSIZE. */
static int pm_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			  int (*put)(struct sk_buff *skb, const void *arg), const void *arg)
{
	void *head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				 &pm_genl_family, NLM_F_MULTI, cmd);

	if (!head)
		return -EMSGSIZE;
	if (put(skb, arg)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int pm_nl_dump_put_node(struct sk_buff *skb, const void *arg)
{
	return pm_nl_put_node(skb, arg);
}

/* cb->args[0]: the smallest id that has not been dumped */
int pm_nl_node_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pm_node_info node;

	while (!pm_node_next(cb->args[0], &node)) {
		if (pm_nl_dump_one(skb, cb, PROCMIG_CMD_NODE_GET, pm_nl_dump_put_node, &node))
			break;
		cb->args[0] = node.id + 1;
	}
	return skb->len;
}

/** struct pm_nl_reasons - the message that collects reasons, and how many there are */
struct pm_nl_reasons {
	struct sk_buff *skb;
	u32 nr;
};

static void pm_nl_say(void *arg, const char *text)
{
	struct pm_nl_reasons *reasons = arg;
	size_t room = skb_tailroom(reasons->skb);

	reasons->nr++;
	if (room >= nla_total_size(strlen(text) + 1) + nla_total_size(sizeof(u32)))
		nla_put_string(reasons->skb, PROCMIG_A_REASON, text);
}

/* Reasons name addresses of the program, so the caller must be allowed to see its maps. */
static int pm_nl_put_reasons(struct sk_buff *skb, struct task_struct *task,
			     const struct cred *cred)
{
	struct pm_nl_reasons reasons = { .skb = skb };
	const struct cred *old = override_creds(cred);
	bool may = pm_ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);

	revert_creds(old);
	if (!may)
		return 0;
	pm_can_move(task, pm_nl_say, &reasons);
	return nla_put_u32(skb, PROCMIG_A_REASON_COUNT, reasons.nr);
}

int pm_nl_proc_get(struct sk_buff *skb, struct genl_info *info)
{
	struct task_struct *task = pm_nl_task(info);
	struct pm_info proc;
	struct sk_buff *reply;
	void *head;
	int err;

	if (IS_ERR(task))
		return PTR_ERR(task);
	pm_info(task, &proc);
	reply = pm_nl_reply(info, PM_NL_PROC_SIZE, &head);
	if (!reply) {
		put_task_struct(task);
		return -ENOMEM;
	}
	err = pm_nl_put_info(reply, &proc);
	if (!err && proc.home != pm_self_id())
		err = nla_put_flag(reply, PROCMIG_A_GUEST);
	if (!err)
		err = pm_nl_put_reasons(reply, task, pm_nl_cred(skb));
	put_task_struct(task);
	return pm_nl_send(info, reply, head, err);
}

/**
 * struct pm_nl_dump - a dump of processes under way
 * @skb: message being filled
 * @cb: args[0]: 0 our own, 1 guests, 2 done; args[1]: how many of them have been dumped
 */
struct pm_nl_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

/** struct pm_nl_proc - one process of a dump */
struct pm_nl_proc {
	const struct pm_info *info;
	bool guest;
};

static int pm_nl_dump_put_proc(struct sk_buff *skb, const void *arg)
{
	const struct pm_nl_proc *proc = arg;

	if (proc->guest && nla_put_flag(skb, PROCMIG_A_GUEST))
		return -EMSGSIZE;
	return pm_nl_put_info(skb, proc->info);
}

static int pm_nl_dump_proc(const struct pm_info *info, void *arg)
{
	struct pm_nl_dump *dump = arg;
	struct pm_nl_proc proc = { .info = info, .guest = dump->cb->args[0] };
	/* one that has been asked to move, and has not, is nobody that a list is about */
	bool moved = proc.guest || info->moves || info->state != PM_AT_HOME;

	/* Process id 0: not visible in the caller's pid namespace. */
	if (info->pid && moved && pm_nl_dump_one(dump->skb, dump->cb, PROCMIG_CMD_PROC_GET,
						 pm_nl_dump_put_proc, &proc))
		return -EMSGSIZE;
	dump->cb->args[1]++;
	return 0;
}

int pm_nl_proc_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pm_nl_dump dump = { .skb = skb, .cb = cb };

	for (; cb->args[0] < 2; cb->args[0]++, cb->args[1] = 0)
		if (pm_procs_visit(cb->args[0], cb->args[1], pm_nl_dump_proc, &dump))
			break;
	return skb->len;
}

static int pm_nl_put_stats(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, PROCMIG_A_STATS);
	unsigned int stat;

	if (!nest)
		return -EMSGSIZE;
	for (stat = PROCMIG_STAT_PAD + 1; stat <= PROCMIG_STAT_MAX; stat++)
		if (nla_put_u64_64bit(skb, stat, pm_stat(stat), PROCMIG_STAT_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int pm_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *head;

	reply = pm_nl_reply(info, NLMSG_DEFAULT_SIZE, &head);
	if (!reply)
		return -ENOMEM;
	return pm_nl_send(info, reply, head, pm_nl_put_stats(reply));
}
