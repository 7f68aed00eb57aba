// SPDX-License-Identifier: GPL-2.0
/* See libprocmig.h. On top of libmnl, with what it leaves to its users. */
#include "libprocmig.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define REQUEST_SIZE	1024	/* more than the largest request */
#define ANSWER_SIZE	32768	/* more than the largest message of the kernel */

/**
 * struct pm_nl - a connection
 * @sock: netlink socket
 * @family: number of the family
 * @group: number of its multicast group
 * @seq: sequence number of the last request
 * @full: the request did not fit
 * @why: sentence of the last refusal
 * @request: request being built
 * @answer: where messages are received
 */
struct pm_nl {
	struct mnl_socket *sock;
	__u16 family;
	__u32 group;
	__u32 seq;
	bool full;
	char why[512];
	__u64 request[REQUEST_SIZE / 8];
	__u64 answer[ANSWER_SIZE / 8];
};

/** struct answer - what to do with the messages of an answer */
struct answer {
	struct pm_nl *nl;
	pm_nl_fn fn;
	void *arg;
};

/** struct list - copies of messages, one after the other */
struct list {
	char *data;
	size_t len;
};

/* ---- requests ---- */

static void begin(struct pm_nl *nl, __u16 type, __u8 cmd, __u8 version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	nl->full = false;
	nl->why[0] = '\0';
}

void pm_nl_begin(struct pm_nl *nl, __u8 cmd)
{
	begin(nl, nl->family, cmd, PROCMIG_FAMILY_VERSION);
}

void pm_nl_put(struct pm_nl *nl, __u16 attr, const void *data, size_t len)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl->request;

	if (!mnl_attr_put_check(nlh, sizeof(nl->request), attr, len, data))
		nl->full = true;
}

void pm_nl_put_u16(struct pm_nl *nl, __u16 attr, __u16 value)
{
	pm_nl_put(nl, attr, &value, sizeof(value));
}

void pm_nl_put_u32(struct pm_nl *nl, __u16 attr, __u32 value)
{
	pm_nl_put(nl, attr, &value, sizeof(value));
}

/* ---- answers ---- */

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct answer *answer = arg;

	if (answer->fn && mnl_nlmsg_get_payload_len(nlh) >= PM_NL_OFFSET)
		answer->fn(nlh, answer->arg);
	return MNL_CB_OK;
}

static int store_why(const struct nlattr *attr, void *arg)
{
	struct pm_nl *nl = arg;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		strncpy(nl->why, mnl_attr_get_str(attr), sizeof(nl->why) - 1);
	return MNL_CB_OK;
}

/* An acknowledgment or a refusal; the latter with a sentence, if the kernel has one. */
static int on_error(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct answer *answer = arg;
	size_t skip = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!err->error)
		return MNL_CB_STOP;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&err->msg);
	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) && skip <= mnl_nlmsg_get_payload_len(nlh))
		mnl_attr_parse(nlh, skip, store_why, answer->nl);
	errno = -err->error;
	return MNL_CB_ERROR;
}

static int connect_socket(struct pm_nl *nl)
{
	int yes = 1, err;

	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock)
		return -errno;
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		mnl_socket_close(nl->sock);
		return err;
	}
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &yes, sizeof(yes));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &yes, sizeof(yes));
	return 0;
}

static void disconnect(struct pm_nl *nl)
{
	mnl_socket_close(nl->sock);
}

static ssize_t receive(struct pm_nl *nl)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(nl->sock, nl->answer, sizeof(nl->answer));
	} while (len < 0 && errno == EINTR);
	return len;
}

static int transact(struct pm_nl *nl, mnl_cb_t message, struct answer *answer)
{
	static mnl_cb_t control[NLMSG_ERROR + 1] = { [NLMSG_ERROR] = on_error };
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl->request;
	unsigned int port = mnl_socket_get_portid(nl->sock);
	ssize_t len;
	int ret;

	if (nl->full)
		return -EMSGSIZE;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		len = receive(nl);
		if (len < 0)
			return -errno;
		ret = mnl_cb_run2(nl->answer, len, nl->seq, port, message, answer, control,
				  NLMSG_ERROR + 1);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

int pm_nl_do(struct pm_nl *nl, pm_nl_fn fn, void *arg)
{
	struct answer answer = { .nl = nl, .fn = fn, .arg = arg };

	return transact(nl, on_message, &answer);
}

static int keep_message(const struct nlmsghdr *nlh, void *arg)
{
	struct answer *answer = arg;
	struct list *list = answer->arg;
	size_t len = MNL_ALIGN(nlh->nlmsg_len);
	char *data = realloc(list->data, list->len + len);

	if (!data)
		return MNL_CB_ERROR;
	list->data = data;
	memset(data + list->len, 0, len);
	memcpy(data + list->len, nlh, nlh->nlmsg_len);
	list->len += len;
	return MNL_CB_OK;
}

int pm_nl_dump(struct pm_nl *nl, pm_nl_fn fn, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl->request;
	struct list list = { NULL, 0 };
	struct answer keep = { .nl = nl, .arg = &list };
	struct answer answer = { .nl = nl, .fn = fn, .arg = arg };
	size_t pos;
	int err;

	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (;;) {
		list.len = 0;
		err = transact(nl, keep_message, &keep);
		if (err != -EINTR)	/* what libmnl makes of NLM_F_DUMP_INTR */
			break;
		/* The rest of it is still in the socket. */
		disconnect(nl);
		err = connect_socket(nl);
		if (err)
			break;
		nlh->nlmsg_seq = ++nl->seq;
	}

	for (pos = 0; !err && pos < list.len; pos += MNL_ALIGN(nlh->nlmsg_len)) {
		nlh = (struct nlmsghdr *)(list.data + pos);
		on_message(nlh, &answer);
	}
	free(list.data);
	return err;
}

const char *pm_nl_why(const struct pm_nl *nl)
{
	return nl->why;
}

/* ---- connection ---- */

static void store_group(const struct nlattr *group, struct pm_nl *nl)
{
	const struct nlattr *attr;
	const char *name = "";
	__u32 id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, PROCMIG_GROUP_EVENTS))
		nl->group = id;
}

static int on_family(const struct nlmsghdr *nlh, void *arg)
{
	struct answer *answer = arg;
	const struct nlattr *attr, *group;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			answer->nl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				store_group(group, answer->nl);
	}
	return MNL_CB_OK;
}

int pm_nl_open(struct pm_nl **out)
{
	struct pm_nl *nl = calloc(1, sizeof(*nl));
	struct answer answer = { .nl = nl };
	int err;

	if (!nl)
		return -ENOMEM;
	err = connect_socket(nl);
	if (err)
		goto free_nl;
	begin(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	pm_nl_put(nl, CTRL_ATTR_FAMILY_NAME, PROCMIG_FAMILY_NAME, sizeof(PROCMIG_FAMILY_NAME));
	err = transact(nl, on_family, &answer);
	if (err)
		goto disconnect;
	*out = nl;
	return 0;

disconnect:
	disconnect(nl);
free_nl:
	free(nl);
	return err;
}

void pm_nl_close(struct pm_nl *nl)
{
	disconnect(nl);
	free(nl);
}

int pm_nl_fd(const struct pm_nl *nl)
{
	return mnl_socket_get_fd(nl->sock);
}

int pm_nl_subscribe(struct pm_nl *nl)
{
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &nl->group,
				  sizeof(nl->group)) < 0)
		return -errno;
	return 0;
}

int pm_nl_event(struct pm_nl *nl, pm_nl_fn fn, void *arg)
{
	struct answer answer = { .nl = nl, .fn = fn, .arg = arg };
	ssize_t len = mnl_socket_recvfrom(nl->sock, nl->answer, sizeof(nl->answer));

	if (len < 0 || mnl_cb_run(nl->answer, len, 0, 0, on_message, &answer) < 0)
		return -errno;
	return 0;
}
