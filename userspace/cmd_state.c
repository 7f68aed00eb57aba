// SPDX-License-Identifier: GPL-2.0
/* procmig without a command, stats and monitor: how things are, and what happens. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int cmd_state(struct cli *cli, int argc, char **argv)
{
	json_t *self, *nodes, *procs;
	int err = get(cli, PROCMIG_CMD_SELF_GET, 0, 0, &self);

	(void)argc;
	(void)argv;
	if (err)
		die_refused(cli, err, "cannot ask the module");
	nodes = get_all(cli, PROCMIG_CMD_NODE_GET);
	procs = get_all(cli, PROCMIG_CMD_PROC_GET);
	if (cli->json) {
		print_json(json_pack("{s:o, s:o, s:o}", "self", self, "nodes", nodes, "processes",
				     procs));
		return CLI_OK;
	}

	if (pm_json_int(self, "node"))
		printf("This is node %lld", pm_json_int(self, "node"));
	else
		printf("This node has no id (set it with: procmig self ID)");
	printf(", %s, %s.\n", pm_json_get(self, "key") ? "has a key" : "has no key",
	       pm_json_get(self, "listening") ? "accepts connections" :
	       "accepts no connections");
	if (json_array_size(nodes)) {
		putchar('\n');
		print_nodes(nodes);
	}
	if (json_array_size(procs)) {
		putchar('\n');
		print_procs(procs);
	}
	json_decref(self);
	json_decref(nodes);
	json_decref(procs);
	return CLI_OK;
}

int cmd_stats(struct cli *cli, int argc, char **argv)
{
	json_t *reply, *stats, *value;
	const char *name;
	int err = get(cli, PROCMIG_CMD_STATS_GET, 0, 0, &reply);

	(void)argc;
	(void)argv;
	if (err)
		die_refused(cli, err, "cannot ask the module");
	stats = pm_json_get(reply, "stats");
	if (cli->json) {
		print_json(json_incref(stats));
	} else {
		json_object_foreach(stats, name, value)
			printf("%-12s %lld\n", name, (long long)json_integer_value(value));
	}
	json_decref(reply);
	return CLI_OK;
}

static void print_event(const json_t *event)
{
	const char *what = pm_json_str(event, "event");
	long long node = pm_json_int(event, "node"), pid = pm_json_int(event, "pid");
	time_t now = time(NULL);
	char when[16];

	strftime(when, sizeof(when), "%T", localtime(&now));
	printf("%s ", when);
	if (!strcmp(what, "link-up"))
		printf("link to node %lld is up", node);
	else if (!strcmp(what, "link-down"))
		printf("link to node %lld is down", node);
	else if (!strcmp(what, "moved"))
		printf("process %lld (%s) moved to node %lld, stopped for %.3f ms", pid,
		       command_text(event), node,
		       pm_json_int(event, "freeze_ns") / 1e6);
	else if (!strcmp(what, "home"))
		printf("process %lld (%s) came home, stopped for %.3f ms", pid,
		       command_text(event), pm_json_int(event, "freeze_ns") / 1e6);
	else if (!strcmp(what, "failed"))
		printf("process %lld (%s) could not move, it runs on node %lld: %s", pid,
		       command_text(event), node,
		       strerror(pm_json_int(event, "error")));
	else if (!strcmp(what, "lost"))
		printf("process %lld (%s) died: node %lld is gone", pid,
		       command_text(event), node);
	else
		printf("event %s", what);
	putchar('\n');
}

static void on_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct cli *cli = arg;
	json_t *event = pm_json(nlh);

	/* One line for each, so that a reader need not find where objects end. */
	if (cli->json) {
		json_dumpf(event, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		print_event(event);
	}
	fflush(stdout);
	json_decref(event);
}

int cmd_monitor(struct cli *cli, int argc, char **argv)
{
	int err;

	(void)argc;
	(void)argv;
	open_module(cli);
	err = pm_nl_subscribe(cli->nl);
	if (err)
		die_refused(cli, err, "cannot receive events");
	while (!ferror(stdout)) {
		err = pm_nl_event(cli->nl, on_event, cli);
		if (err == -ENOBUFS)
			fputs("procmig: some events were lost\n", stderr);
		else if (err && err != -EINTR)
			die(CLI_FAILED, "cannot receive events: %s", strerror(-err));
	}
	return CLI_FAILED;
}
