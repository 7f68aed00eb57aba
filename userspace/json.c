// SPDX-License-Identifier: GPL-2.0
/* One table says under which name and how each attribute appears. */
#include "json.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum kind { U16 = 1, U32, U64, FLAG, TEXT, TEXTS, ADDR, LINK, STATE, POLICY, EVENT, STATS };

/** struct field - @path: where in the object, "name" or "group.name" */
struct field {
	const char *path;
	enum kind kind;
};

static const struct field fields[PROCMIG_A_MAX + 1] = {
	[PROCMIG_A_NODE] = { "node", U32 },
	[PROCMIG_A_ADDR] = { "address", ADDR },
	[PROCMIG_A_KEY_SET] = { "key", FLAG },
	[PROCMIG_A_PORT] = { "port", U16 },
	[PROCMIG_A_LISTENING] = { "listening", FLAG },
	[PROCMIG_A_LINK_STATE] = { "link.state", LINK },
	[PROCMIG_A_LINK_WHY] = { "link.why", TEXT },
	[PROCMIG_A_LINK_SINCE] = { "link.since_s", U64 },
	[PROCMIG_A_LINK_RTT] = { "link.rtt_us", U32 },
	[PROCMIG_A_LINK_CHANNELS] = { "link.channels", U32 },
	[PROCMIG_A_LINK_UPS] = { "link.ups", U64 },
	[PROCMIG_A_LINK_TX_MSGS] = { "link.tx_messages", U64 },
	[PROCMIG_A_LINK_TX_BYTES] = { "link.tx_bytes", U64 },
	[PROCMIG_A_LINK_RX_MSGS] = { "link.rx_messages", U64 },
	[PROCMIG_A_LINK_RX_BYTES] = { "link.rx_bytes", U64 },
	[PROCMIG_A_LINK_AUTH_FAILURES] = { "link.auth_failures", U64 },
	[PROCMIG_A_LINK_RELEASE] = { "link.release", TEXT },
	[PROCMIG_A_LOAD] = { "load.percent", U32 },
	[PROCMIG_A_LOAD_CPUS] = { "load.cpus", U32 },
	[PROCMIG_A_LOAD_MEM_TOTAL] = { "load.memory_total", U64 },
	[PROCMIG_A_LOAD_MEM_FREE] = { "load.memory_free", U64 },
	[PROCMIG_A_LOAD_GUESTS] = { "load.guests", U32 },
	[PROCMIG_A_PID] = { "pid", U32 },
	[PROCMIG_A_HOME] = { "home", U32 },
	[PROCMIG_A_GUEST] = { "guest", FLAG },
	[PROCMIG_A_STATE] = { "state", STATE },
	[PROCMIG_A_COMM] = { "command", TEXT },
	[PROCMIG_A_MOVES] = { "moves", U64 },
	[PROCMIG_A_CALLS] = { "calls", U64 },
	[PROCMIG_A_SIGNALS] = { "signals", U64 },
	[PROCMIG_A_RECALLS] = { "recalls", U64 },
	[PROCMIG_A_FREEZE] = { "freeze_ns", U64 },
	[PROCMIG_A_UTIME] = { "user_ns", U64 },
	[PROCMIG_A_STIME] = { "system_ns", U64 },
	[PROCMIG_A_MEM_EAGER] = { "pages.eager", U64 },
	[PROCMIG_A_MEM_DEMAND] = { "pages.demand", U64 },
	[PROCMIG_A_MEM_AHEAD] = { "pages.ahead", U64 },
	[PROCMIG_A_MEM_PUSHED] = { "pages.pushed", U64 },
	[PROCMIG_A_MEM_FILE] = { "pages.file", U64 },
	[PROCMIG_A_MEM_ZERO] = { "pages.zero", U64 },
	[PROCMIG_A_MEM_LEFT] = { "pages.left", U64 },
	[PROCMIG_A_MEM_FAULT] = { "pages.fault_ns", U64 },
	[PROCMIG_A_REASON_COUNT] = { "reason_count", U32 },
	[PROCMIG_A_REASON] = { "reasons", TEXTS },
	[PROCMIG_A_EVENT] = { "event", EVENT },
	[PROCMIG_A_ERROR] = { "error", U32 },
	[PROCMIG_A_STATS] = { "stats", STATS },
	[PROCMIG_A_MEM_SIZE] = { "pages.size", U64 },
	[PROCMIG_A_MEM_RSS] = { "pages.resident", U64 },
	[PROCMIG_A_POLICY] = { "policy", POLICY },
	[PROCMIG_A_POLICY_NODE] = { "policy_node", U32 },
};

static const char *const stat_names[PROCMIG_STAT_MAX + 1] = {
	[PROCMIG_STAT_MOVED] = "moved",
	[PROCMIG_STAT_HOME] = "home",
	[PROCMIG_STAT_FAILED] = "failed",
	[PROCMIG_STAT_LOST] = "lost",
	[PROCMIG_STAT_ARRIVED] = "arrived",
	[PROCMIG_STAT_KILLED] = "killed",
	[PROCMIG_STAT_ACCEPTED] = "accepted",
	[PROCMIG_STAT_UNKNOWN] = "unknown",
	[PROCMIG_STAT_REFUSED] = "refused",
	[PROCMIG_STAT_AUTH_FAILED] = "auth_failed",
	[PROCMIG_STAT_TIMEOUT] = "timeout",
	[PROCMIG_STAT_REPLAY] = "replay",
	[PROCMIG_STAT_PROTO] = "protocol",
	[PROCMIG_STAT_LINK_UP] = "link_up",
	[PROCMIG_STAT_LINK_DOWN] = "link_down",
	[PROCMIG_STAT_OPENED] = "opened",
	[PROCMIG_STAT_JOINED] = "joined",
	[PROCMIG_STAT_FOREIGN] = "foreign",
};

static const char *const link_names[] = { "down", "connecting", "up", NULL };
static const char *const state_names[] = { "home", "draining", "moving", "away", NULL };
static const char *const policy_names[] = { "none", "stay", "node", "follow", NULL };
static const char *const event_names[] = {
	"link-up", "link-down", "moved", "home", "failed", "lost", NULL
};

/* A name for @value; a newer kernel may have values that we do not know. */
static json_t *name_of(const char *const *names, __u32 value)
{
	while (value && *names) {
		names++;
		value--;
	}
	return json_string(*names ? *names : "unknown");
}

static json_t *address(const struct nlattr *attr)
{
	char host[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 16];
	const struct sockaddr_in6 *in6 = mnl_attr_get_payload(attr);
	const struct sockaddr_in *in = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= sizeof(*in6) && in6->sin6_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "[%s]:%u", host, ntohs(in6->sin6_port));
	} else if (len >= sizeof(*in) && in->sin_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "%s:%u", host, ntohs(in->sin_port));
	} else {
		return NULL;
	}
	return json_string(text);
}

static json_t *stats(const struct nlattr *nest)
{
	json_t *object = json_object();
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		__u16 type = mnl_attr_get_type(attr);

		if (type <= PROCMIG_STAT_MAX && stat_names[type] &&
		    mnl_attr_validate(attr, MNL_TYPE_U64) == 0)
			json_object_set_new(object, stat_names[type],
					    json_integer(mnl_attr_get_u64(attr)));
	}
	return object;
}

/* Program names and file names are bytes; JSON wants UTF-8. */
static json_t *text(const struct nlattr *attr)
{
	const char *bytes = mnl_attr_get_str(attr);
	json_t *string = json_string(bytes);
	char clean[512];
	size_t i;

	if (string)
		return string;
	for (i = 0; bytes[i] && i < sizeof(clean) - 1; i++)
		clean[i] = bytes[i] & 0x80 ? '?' : bytes[i];
	clean[i] = '\0';
	return json_string(clean);
}

/* NULL if the attribute is not of the type that it should be. */
static json_t *value_of(const struct nlattr *attr, enum kind kind)
{
	static const enum mnl_attr_data_type types[] = {
		[U16] = MNL_TYPE_U16, [U32] = MNL_TYPE_U32, [U64] = MNL_TYPE_U64,
		[FLAG] = MNL_TYPE_FLAG, [TEXT] = MNL_TYPE_NUL_STRING,
		[TEXTS] = MNL_TYPE_NUL_STRING, [ADDR] = MNL_TYPE_BINARY, [LINK] = MNL_TYPE_U32,
		[STATE] = MNL_TYPE_U32, [EVENT] = MNL_TYPE_U32, [STATS] = MNL_TYPE_NESTED,
	};

	if (mnl_attr_validate(attr, types[kind]) < 0)
		return NULL;
	switch (kind) {
	case U16:
		return json_integer(mnl_attr_get_u16(attr));
	case U32:
		return json_integer(mnl_attr_get_u32(attr));
	case U64:
		return json_integer(mnl_attr_get_u64(attr));
	case FLAG:
		return json_true();
	case TEXT:
	case TEXTS:
		return text(attr);
	case ADDR:
		return address(attr);
	case LINK:
		return name_of(link_names, mnl_attr_get_u32(attr));
	case STATE:
		return name_of(state_names, mnl_attr_get_u32(attr));
	case POLICY:
		return name_of(policy_names, mnl_attr_get_u32(attr));
	case EVENT:
		return name_of(event_names, mnl_attr_get_u32(attr));
	case STATS:
		return stats(attr);
	}
	return NULL;
}

/* The member @name of @object, which is made by @make if it is not there yet. */
static json_t *member(json_t *object, const char *name, json_t *(*make)(void))
{
	json_t *found = json_object_get(object, name);

	if (found)
		return found;
	json_object_set_new(object, name, make());
	return json_object_get(object, name);
}

static void add(json_t *object, const struct field *field, json_t *value)
{
	const char *dot = strchr(field->path, '.');
	const char *name = dot ? dot + 1 : field->path;
	char group[16];

	if (dot) {
		snprintf(group, sizeof(group), "%.*s", (int)(dot - field->path), field->path);
		object = member(object, group, json_object);
	}
	if (field->kind == TEXTS)
		json_array_append_new(member(object, name, json_array), value);
	else
		json_object_set_new(object, name, value);
}

json_t *pm_json(const struct nlmsghdr *nlh)
{
	json_t *object = json_object(), *value;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, PM_NL_OFFSET) {
		__u16 type = mnl_attr_get_type(attr);

		if (type > PROCMIG_A_MAX || !fields[type].kind)
			continue;
		value = value_of(attr, fields[type].kind);
		if (value)
			add(object, &fields[type], value);
	}
	return object;
}

void pm_json_store(const struct nlmsghdr *nlh, void *arg)
{
	json_t **object = arg;

	json_decref(*object);
	*object = pm_json(nlh);
}

void pm_json_append(const struct nlmsghdr *nlh, void *arg)
{
	json_t **array = arg;

	json_array_append_new(*array, pm_json(nlh));
}

json_t *pm_json_get(const json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	char group[16];

	if (!dot)
		return json_object_get(object, path);
	snprintf(group, sizeof(group), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(object, group), dot + 1);
}

long long pm_json_int(const json_t *object, const char *path)
{
	return json_integer_value(pm_json_get(object, path));
}

const char *pm_json_str(const json_t *object, const char *path)
{
	const char *string = json_string_value(pm_json_get(object, path));

	return string ? string : "";
}
