// SPDX-License-Identifier: GPL-2.0
/* procmig run and policy: programs that go to a node when they start. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_policy(struct cli *cli, __u32 pid, __u32 kind, __u32 node)
{
	request(cli, PROCMIG_CMD_POLICY_SET);
	pm_nl_put_u32(cli->nl, PROCMIG_A_PID, pid);
	pm_nl_put_u32(cli->nl, PROCMIG_A_POLICY, kind);
	pm_nl_put_u32(cli->nl, PROCMIG_A_POLICY_NODE, node);
	return pm_nl_do(cli->nl, NULL, NULL);
}

/* ---- the best node ---- */

/* A sixteenth of the memory must be free: a program that has to swap is nowhere well off. */
static bool has_memory(const json_t *node)
{
	return pm_json_int(node, "load.memory_free") >=
	       pm_json_int(node, "load.memory_total") / 16;
}

/* What each processor would have to do with one program more: less at @a than at @b? */
static bool less_busy(const json_t *a, const json_t *b)
{
	return (pm_json_int(a, "load.percent") + 100) * pm_json_int(b, "load.cpus") <
	       (pm_json_int(b, "load.percent") + 100) * pm_json_int(a, "load.cpus");
}

/* The least busy of @nodes, or @self if none is less busy than that. */
static json_t *best_of(json_t *nodes, json_t *self)
{
	json_t *best = self, *node;
	bool full = !has_memory(self);
	size_t i;

	json_array_foreach(nodes, i, node) {
		if (!pm_json_int(node, "load.cpus") || !has_memory(node))
			continue;
		if (full || less_busy(node, best)) {
			best = node;
			full = false;
		}
	}
	return best;
}

/* The least busy node that can be had; it may be this one. */
static void go_best(struct cli *cli)
{
	json_t *nodes, *self, *best;
	size_t i;
	int err = get(cli, PROCMIG_CMD_SELF_GET, 0, 0, &self);

	if (err)
		die_refused(cli, err, "cannot ask the module");
	nodes = get_all(cli, PROCMIG_CMD_NODE_GET);
	while ((best = best_of(nodes, self)) != self) {
		if (!set_policy(cli, getpid(), PROCMIG_POLICY_NODE, pm_json_int(best, "node")))
			return;
		for (i = 0; json_array_get(nodes, i) != best; i++)
			;
		json_array_remove(nodes, i);
	}
	err = set_policy(cli, getpid(), PROCMIG_POLICY_STAY, 0);
	if (err && err != -EHOSTUNREACH)	/* in no cluster */
		die_refused(cli, err, "cannot run here");
}

/* ---- the commands ---- */

static bool is_place(const char *text)
{
	return !strcmp(text, "home") || (*text && strspn(text, "0123456789") == strlen(text));
}

int cmd_run(struct cli *cli, int argc, char **argv)
{
	const char *place = NULL;
	int err;

	if (!strcmp(argv[0], "--best") || is_place(argv[0])) {
		place = *argv[0] == '-' ? NULL : argv[0];
		argc--;
		argv++;
	}
	if (argc && !strcmp(argv[0], "--")) {
		argc--;
		argv++;
	} else if (argc && argv[0][0] == '-') {
		die(CLI_RUN_FAILED, "there is no option %s (see: procmig help)", argv[0]);
	}
	if (!argc)
		die(CLI_RUN_FAILED, "usage: procmig run [NODE|home|--best] [--] COMMAND...");
	if (place) {
		err = set_policy(cli, getpid(), PROCMIG_POLICY_NODE, parse_destination(place));
		if (err)
			die_refused(cli, err, "cannot run %s on node %s", argv[0], place);
	} else {
		go_best(cli);
	}
	pm_nl_close(cli->nl);
	cli->nl = NULL;
	execvp(argv[0], argv);
	die(errno == ENOENT ? CLI_RUN_MISSING : CLI_RUN_CANNOT, "cannot run %s: %s", argv[0],
	    strerror(errno));
}

static int show_policy(struct cli *cli, const char *pid)
{
	json_t *proc, *node;
	int err = get(cli, PROCMIG_CMD_PROC_GET, PROCMIG_A_PID, parse_pid(pid), &proc);

	if (err)
		die_refused(cli, err, "cannot show %s", pid);
	node = pm_json_get(proc, "policy_node");
	if (cli->json) {
		proc = json_pack("{s:o, s:s, s:O*}", "pid", json_integer(pm_json_int(proc, "pid")),
				 "policy", pm_json_str(proc, "policy"), "policy_node", node);
		print_json(proc);
		return CLI_OK;
	}
	if (node)
		printf("%lld\n", pm_json_int(proc, "policy_node"));
	else
		puts(pm_json_str(proc, "policy"));
	json_decref(proc);
	return CLI_OK;
}

int cmd_policy(struct cli *cli, int argc, char **argv)
{
	static const char *const names[] = {
		[PROCMIG_POLICY_NONE] = "none", [PROCMIG_POLICY_STAY] = "stay",
		[PROCMIG_POLICY_NODE] = "", [PROCMIG_POLICY_FOLLOW] = "follow",
	};
	__u32 kind = PROCMIG_POLICY_NODE, node = 0, pid = parse_pid(argv[0]), i;
	int err;

	if (argc == 1)
		return show_policy(cli, argv[0]);
	for (i = 0; i <= PROCMIG_POLICY_FOLLOW; i++)
		if (!strcmp(argv[1], names[i]))
			kind = i;
	if (kind == PROCMIG_POLICY_NODE)
		node = parse_destination(argv[1]);
	err = set_policy(cli, pid, kind, node);
	if (err)
		die_refused(cli, err, "cannot set the policy of %u", pid);
	if (cli->json)
		return show_policy(cli, argv[0]);
	return CLI_OK;
}
