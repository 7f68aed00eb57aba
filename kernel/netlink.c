// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family "procmig": the commands that change something.
 *
 * Requests run in parallel; what they touch has locks of its own.
 *
 * A move can take seconds. Within a doit it would hold genetlink's cb_lock, and with
 * it delay whoever loads or unloads a module with a family, and after that
 * everybody. So a doit only prepares the move. It runs as a task work of the caller
 * when the send call is about to return: no lock is held, the caller waits and can be
 * killed, and the acknowledgment is ours to send (-EINTR keeps netlink from sending
 * one). That also lets it carry a sentence made for this very refusal, where
 * extack in this kernel only takes constant ones.
 */
#include <linux/cred.h>
#include <linux/in6.h>
#include <linux/module.h>
#include <linux/procmig.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <net/sock.h>
#include "link.h"
#include "move.h"
#include "netlink.h"

static_assert(PROCMIG_NODE_MAX == PM_NODE_MAX);
static_assert(PROCMIG_KEY_MIN == PM_KEY_MIN && PROCMIG_KEY_MAX == PM_KEY_MAX);
static_assert((int)PROCMIG_LINK_UP == PM_LINK_UP);
static_assert((int)PROCMIG_STATE_HOME == PM_AT_HOME);
static_assert((int)PROCMIG_STATE_DRAINING == PM_DRAINING);
static_assert((int)PROCMIG_STATE_MOVING == PM_LEAVING);
static_assert((int)PROCMIG_STATE_AWAY == PM_AWAY);

static const struct nla_policy pm_nl_policy[PROCMIG_A_MAX + 1] = {
	[PROCMIG_A_NODE] = { .type = NLA_U32 },
	[PROCMIG_A_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct sockaddr_in),
					    sizeof(struct sockaddr_in6)),
	[PROCMIG_A_KEY] = NLA_POLICY_RANGE(NLA_BINARY, PROCMIG_KEY_MIN, PROCMIG_KEY_MAX),
	[PROCMIG_A_PORT] = { .type = NLA_U16 },
	[PROCMIG_A_PID] = { .type = NLA_U32 },
	[PROCMIG_A_POLICY] = NLA_POLICY_MAX(NLA_U32, PROCMIG_POLICY_FOLLOW),
	[PROCMIG_A_POLICY_NODE] = { .type = NLA_U32 },
};

/**
 * struct pm_nl_move - a requested move, from its doit to the end of its task work
 * @work: runs pm_nl_move_work() in the caller's context
 * @task: the process, a counted reference
 * @cred: credentials with which the socket was opened, a counted reference
 * @node: destination
 * @portid: the caller's socket
 * @request: header of the request
 */
struct pm_nl_move {
	struct callback_head work;
	struct task_struct *task;
	const struct cred *cred;
	u32 node;
	u32 portid;
	struct nlmsghdr request;
};

/* Acknowledge @move as netlink_ack() would, with the sentence @why unless it is empty. */
static void pm_nl_ack(const struct pm_nl_move *move, int err, const char *why)
{
	size_t tlvs = *why ? nla_total_size(strlen(why) + 1) : 0;
	u16 flags = NLM_F_CAPPED | (tlvs ? NLM_F_ACK_TLVS : 0);
	struct nlmsgerr *ack;
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = nlmsg_new(sizeof(*ack) + tlvs, GFP_KERNEL);
	if (!skb)
		return;
	nlh = nlmsg_put(skb, move->portid, move->request.nlmsg_seq, NLMSG_ERROR, sizeof(*ack),
			flags);
	if (!nlh)
		goto free_skb;
	ack = nlmsg_data(nlh);
	ack->error = err;
	ack->msg = move->request;
	if (tlvs && nla_put_string(skb, NLMSGERR_ATTR_MSG, why))
		goto free_skb;
	nlmsg_end(skb, nlh);
	genlmsg_unicast(&init_net, skb, move->portid);
	return;

free_skb:
	nlmsg_free(skb);
}

static void pm_nl_move_free(struct pm_nl_move *move)
{
	put_cred(move->cred);
	put_task_struct(move->task);
	kfree(move);
}

/* Context: task work of the caller. The module's exit waits for the last instruction of it. */
static void pm_nl_move_work(struct callback_head *work)
{
	struct pm_nl_move *move = container_of(work, struct pm_nl_move, work);
	char why[PM_WHY_LEN] = "";
	const struct cred *old;
	int err;

	if (current->flags & PF_EXITING)
		goto free_move;
	old = override_creds(move->cred);
	if (same_thread_group(move->task, current)) {
		err = -EBUSY;
		strscpy(why, "it asks for its own move: it is to write to /proc/self/migrate",
			sizeof(why));
	} else {
		err = pm_move(move->task, move->node, why, sizeof(why));
	}
	revert_creds(old);
	if (err || (move->request.nlmsg_flags & NLM_F_ACK))
		pm_nl_ack(move, err, err ? why : "");

free_move:
	pm_nl_move_free(move);
	module_put(THIS_MODULE);
}

struct task_struct *pm_nl_task(struct genl_info *info)
{
	struct task_struct *task;

	if (!info->attrs[PROCMIG_A_PID]) {
		NL_SET_ERR_MSG(info->extack, "the request names no process");
		return ERR_PTR(-EINVAL);
	}
	rcu_read_lock();
	task = get_pid_task(find_vpid(nla_get_u32(info->attrs[PROCMIG_A_PID])), PIDTYPE_TGID);
	rcu_read_unlock();
	if (!task) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PROCMIG_A_PID],
				    "there is no process with this id");
		return ERR_PTR(-ESRCH);
	}
	if (task->flags & PF_KTHREAD) {
		put_task_struct(task);
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PROCMIG_A_PID],
				    "this is a kernel thread, which cannot move");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return task;
}

const struct cred *pm_nl_cred(struct sk_buff *skb)
{
	const struct socket *sock = NETLINK_CB(skb).sk->sk_socket;

	return sock->file ? sock->file->f_cred : current_cred();
}

static int pm_nl_migrate(struct sk_buff *skb, struct genl_info *info)
{
	struct pm_nl_move *move;
	int err;

	if (!info->attrs[PROCMIG_A_NODE]) {
		NL_SET_ERR_MSG(info->extack, "the request names no destination");
		return -EINVAL;
	}
	move = kzalloc(sizeof(*move), GFP_KERNEL);
	if (!move)
		return -ENOMEM;
	move->node = nla_get_u32(info->attrs[PROCMIG_A_NODE]);
	move->portid = info->snd_portid;
	move->request = *info->nlhdr;
	move->task = pm_nl_task(info);
	if (IS_ERR(move->task)) {
		err = PTR_ERR(move->task);
		goto free_move;
	}
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(info->extack, "the module is being unloaded");
		err = -ENODEV;
		goto put_task;
	}
	move->cred = get_cred(pm_nl_cred(skb));
	init_task_work(&move->work, pm_nl_move_work);
	err = task_work_add(current, &move->work, TWA_RESUME);
	if (err)
		goto put_cred;
	return -EINTR;	/* the acknowledgment follows */

put_cred:
	put_cred(move->cred);
	module_put(THIS_MODULE);
put_task:
	put_task_struct(move->task);
free_move:
	kfree(move);
	return err;
}

static void pm_nl_policy_why(struct netlink_ext_ack *extack, int err)
{
	switch (err) {
	case -EPERM:
		NL_SET_ERR_MSG(extack, "only its owner and root may set its policy");
		break;
	case -ENXIO:
		NL_SET_ERR_MSG(extack, "no node with this id is configured");
		break;
	case -EHOSTUNREACH:
		NL_SET_ERR_MSG(extack, "there is no link to this node now");
		break;
	case -EXDEV:
		NL_SET_ERR_MSG(extack, "the processors or kernels of node and home do not suit");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(extack, "it is a guest here: set its policy at its home node");
		break;
	}
}

static int pm_nl_policy_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *node = info->attrs[PROCMIG_A_POLICY_NODE];
	struct pm_policy policy = {};
	struct task_struct *task;
	const struct cred *old;
	int err;

	if (!info->attrs[PROCMIG_A_POLICY]) {
		NL_SET_ERR_MSG(info->extack, "the request has no policy");
		return -EINVAL;
	}
	policy.kind = nla_get_u32(info->attrs[PROCMIG_A_POLICY]);
	if (policy.kind == PROCMIG_POLICY_NODE && !node) {
		NL_SET_ERR_MSG(info->extack, "the policy names no node");
		return -EINVAL;
	}
	if (node)
		policy.node = nla_get_u32(node);
	task = pm_nl_task(info);
	if (IS_ERR(task))
		return PTR_ERR(task);
	old = override_creds(pm_nl_cred(skb));
	err = pm_policy_set(task, &policy);
	revert_creds(old);
	put_task_struct(task);
	pm_nl_policy_why(info->extack, err);
	return err;
}

/* The address in the request, all zero if there is none. Return: 0 or -EAFNOSUPPORT. */
static int pm_nl_addr(struct genl_info *info, struct sockaddr_storage *addr)
{
	const struct nlattr *attr = info->attrs[PROCMIG_A_ADDR];

	memset(addr, 0, sizeof(*addr));
	if (!attr)
		return 0;
	nla_memcpy(addr, attr, sizeof(*addr));
	if (addr->ss_family == AF_INET && nla_len(attr) == sizeof(struct sockaddr_in))
		return 0;
	if (addr->ss_family == AF_INET6 && nla_len(attr) == sizeof(struct sockaddr_in6))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "this is neither an IPv4 nor an IPv6 address");
	return -EAFNOSUPPORT;
}

#define PM_NL_IN_USE \
	"processes that are away, or guests here, would end with it: they have to go home first"

static int pm_nl_self_set(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *port = info->attrs[PROCMIG_A_PORT];
	struct sockaddr_storage addr;
	int err;

	if (!info->attrs[PROCMIG_A_NODE]) {
		NL_SET_ERR_MSG(info->extack, "the request has no node id");
		return -EINVAL;
	}
	err = pm_nl_addr(info, &addr);
	if (err)
		return err;
	err = pm_node_set_self(nla_get_u32(info->attrs[PROCMIG_A_NODE]),
			       info->attrs[PROCMIG_A_ADDR] ? &addr : NULL,
			       port ? nla_get_u16(port) : 0);
	if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack, "a node id is a number from 1 to 65535");
	else if (err == -EEXIST)
		NL_SET_ERR_MSG(info->extack, "another node is configured with this id");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, PM_NL_IN_USE);
	else if (err)
		NL_SET_ERR_MSG(info->extack, "the id is set, but the port cannot be listened on");
	return err;
}

static int pm_nl_key_set(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *key = info->attrs[PROCMIG_A_KEY];
	int err = key ? pm_key_set(nla_data(key), nla_len(key)) : pm_key_set(NULL, 0);

	if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack, "a key has 16 to 64 bytes");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, PM_NL_IN_USE);
	else if (err)
		NL_SET_ERR_MSG(info->extack, "the key is set, but the port cannot be listened on");
	return err;
}

static int pm_nl_node_add(struct sk_buff *skb, struct genl_info *info)
{
	struct sockaddr_storage addr;
	int err;

	if (!info->attrs[PROCMIG_A_NODE] || !info->attrs[PROCMIG_A_ADDR]) {
		NL_SET_ERR_MSG(info->extack, "a node needs an id and an address");
		return -EINVAL;
	}
	err = pm_nl_addr(info, &addr);
	if (err)
		return err;
	err = pm_node_add(nla_get_u32(info->attrs[PROCMIG_A_NODE]), &addr);
	if (err == -EINVAL)
		NL_SET_ERR_MSG(info->extack,
			       "a node id is a number from 1 to 65535, and not this node's own");
	else if (err == -EEXIST)
		NL_SET_ERR_MSG(info->extack, "a node with this id is configured already");
	return err;
}

static int pm_nl_node_del(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (!info->attrs[PROCMIG_A_NODE]) {
		NL_SET_ERR_MSG(info->extack, "the request has no node id");
		return -EINVAL;
	}
	err = pm_node_del(nla_get_u32(info->attrs[PROCMIG_A_NODE]));
	if (err == -ENXIO)
		NL_SET_ERR_MSG(info->extack, "no node with this id is configured");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, PM_NL_IN_USE);
	return err;
}

static const struct genl_small_ops pm_nl_ops[] = {
	{ .cmd = PROCMIG_CMD_SELF_SET, .doit = pm_nl_self_set, .flags = GENL_ADMIN_PERM },
	{ .cmd = PROCMIG_CMD_SELF_GET, .doit = pm_nl_self_get },
	{ .cmd = PROCMIG_CMD_KEY_SET, .doit = pm_nl_key_set, .flags = GENL_ADMIN_PERM },
	{ .cmd = PROCMIG_CMD_NODE_ADD, .doit = pm_nl_node_add, .flags = GENL_ADMIN_PERM },
	{ .cmd = PROCMIG_CMD_NODE_DEL, .doit = pm_nl_node_del, .flags = GENL_ADMIN_PERM },
	{ .cmd = PROCMIG_CMD_NODE_GET, .doit = pm_nl_node_get, .dumpit = pm_nl_node_dump },
	{ .cmd = PROCMIG_CMD_MIGRATE, .doit = pm_nl_migrate },
	{ .cmd = PROCMIG_CMD_PROC_GET, .doit = pm_nl_proc_get, .dumpit = pm_nl_proc_dump },
	{ .cmd = PROCMIG_CMD_STATS_GET, .doit = pm_nl_stats_get },
	{ .cmd = PROCMIG_CMD_POLICY_SET, .doit = pm_nl_policy_set },
};

static const struct genl_multicast_group pm_nl_groups[] = {
	{ .name = PROCMIG_GROUP_EVENTS },
};

struct genl_family pm_genl_family __ro_after_init = {
	.name = PROCMIG_FAMILY_NAME,
	.version = PROCMIG_FAMILY_VERSION,
	.maxattr = PROCMIG_A_MAX,
	.policy = pm_nl_policy,
	.small_ops = pm_nl_ops,
	.n_small_ops = ARRAY_SIZE(pm_nl_ops),
	.resv_start_op = PROCMIG_CMD_MAX + 1,
	.mcgrps = pm_nl_groups,
	.n_mcgrps = ARRAY_SIZE(pm_nl_groups),
	.parallel_ops = true,
	.module = THIS_MODULE,
};

bool pm_nl_closed;

int pm_netlink_init(void)
{
	return genl_register_family(&pm_genl_family);
}

void pm_netlink_exit(void)
{
	WRITE_ONCE(pm_nl_closed, true);
	genl_unregister_family(&pm_genl_family);
	synchronize_rcu_tasks();
}
