// SPDX-License-Identifier: GPL-2.0
/* procmig migrate, ps and show: processes. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What an error means, for when the module has no sentence of its own. */
static void explain(int err, const char *node, const char *pid, char *text, size_t len)
{
	switch (-err) {
	case ESRCH:
		snprintf(text, len, "there is no such process");
		break;
	case ENXIO:
		snprintf(text, len,
			 "node %s is not configured (add it with: procmig node add %s ADDRESS)",
			 node, node);
		break;
	case EHOSTUNREACH:
		snprintf(text, len, "there is no link to node %s (see: procmig node show)", node);
		break;
	case EPERM:
	case EACCES:
		snprintf(text, len, "only its owner and root can move it");
		break;
	case EBUSY:
		snprintf(text, len, "it is being moved already, or sleeps uninterruptibly");
		break;
	case EOPNOTSUPP:
		snprintf(text, len, "it uses what cannot move (see: procmig show %s)", pid);
		break;
	case EXDEV:
		snprintf(text, len, "the processor or the kernel of node %s does not suit it",
			 node);
		break;
	default:
		snprintf(text, len, "%s", strerror(-err));
		break;
	}
}

int cmd_migrate(struct cli *cli, int argc, char **argv)
{
	__u32 pid = parse_pid(argv[0]), node = parse_destination(argv[1]);
	json_t *proc;
	bool denied;
	char text[256];
	int err;

	(void)argc;
	request(cli, PROCMIG_CMD_MIGRATE);
	pm_nl_put_u32(cli->nl, PROCMIG_A_PID, pid);
	pm_nl_put_u32(cli->nl, PROCMIG_A_NODE, node);
	err = pm_nl_do(cli->nl, NULL, NULL);
	denied = err == -EPERM || err == -EACCES;
	if (err) {
		explain(err, argv[1], argv[0], text, sizeof(text));
		die(denied ? CLI_PERMISSION : CLI_FAILED, "cannot move %u: %s", pid,
		    *pm_nl_why(cli->nl) ? pm_nl_why(cli->nl) : text);
	}
	if (cli->json && !get(cli, PROCMIG_CMD_PROC_GET, PROCMIG_A_PID, pid, &proc))
		print_json(proc);
	return CLI_OK;
}

/* "-", "stay", "follow" or the number of a node. */
static const char *policy_text(const json_t *proc, char *text, size_t len)
{
	const char *policy = pm_json_str(proc, "policy");

	if (pm_json_get(proc, "policy_node"))
		snprintf(text, len, "%lld", pm_json_int(proc, "policy_node"));
	else
		snprintf(text, len, "%s", strcmp(policy, "none") ? policy : "-");
	return text;
}

const char *command_text(const json_t *object)
{
	static char text[64];
	size_t i;

	snprintf(text, sizeof(text), "%s", pm_json_str(object, "command"));
	for (i = 0; text[i]; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = '?';
	return text;
}

void print_procs(const json_t *procs)
{
	const json_t *proc;
	char text[16];
	size_t i;

	printf("%7s %5s %5s %-8s %6s %6s %9s %8s %8s  %s\n", "PID", "NODE", "HOME", "STATE",
	       "POLICY", "MOVES", "CPU", "MEMORY", "LEFT", "COMMAND");
	json_array_foreach(procs, i, proc) {
		printf("%7lld %5lld %5lld %-8s %6s %6lld %9.2f %7.1fM %8lld  %s\n",
		       pm_json_int(proc, "pid"), pm_json_int(proc, "node"),
		       pm_json_int(proc, "home"),
		       pm_json_get(proc, "guest") ? "guest" : pm_json_str(proc, "state"),
		       policy_text(proc, text, sizeof(text)), pm_json_int(proc, "moves"),
		       (pm_json_int(proc, "user_ns") + pm_json_int(proc, "system_ns")) / 1e9,
		       pm_json_int(proc, "pages.resident") / 256.0,
		       pm_json_int(proc, "pages.left"), command_text(proc));
	}
}

int cmd_ps(struct cli *cli, int argc, char **argv)
{
	json_t *procs = get_all(cli, PROCMIG_CMD_PROC_GET);

	(void)argc;
	(void)argv;
	if (cli->json) {
		print_json(procs);
		return CLI_OK;
	}
	print_procs(procs);
	json_decref(procs);
	return CLI_OK;
}

static void print_reasons(const json_t *proc)
{
	long long count = pm_json_int(proc, "reason_count");
	const json_t *reasons = pm_json_get(proc, "reasons"), *reason;
	size_t i;

	if (!pm_json_get(proc, "reason_count")) {
		puts("can move:   only its owner and root are told");
		return;
	}
	if (!count)
		puts("can move:   yes");
	json_array_foreach(reasons, i, reason)
		printf("can move:   no: %s\n", json_string_value(reason));
	if (count > (long long)json_array_size(reasons))
		printf("can move:   no: %lld more reasons\n",
		       count - (long long)json_array_size(reasons));
}

static void print_proc(const json_t *proc)
{
	char text[16];

	printf("pid:        %lld\ncommand:    %s\nnode:       %lld\nhome:       %lld\n",
	       pm_json_int(proc, "pid"), command_text(proc),
	       pm_json_int(proc, "node"), pm_json_int(proc, "home"));
	printf("state:      %s\nmoves:      %lld\n",
	       pm_json_get(proc, "guest") ? "guest" : pm_json_str(proc, "state"),
	       pm_json_int(proc, "moves"));
	printf("policy:     %s\n", policy_text(proc, text, sizeof(text)));
	print_reasons(proc);
	printf("forwarded:  %lld calls, %lld signals; home for %lld calls\n",
	       pm_json_int(proc, "calls"), pm_json_int(proc, "signals"),
	       pm_json_int(proc, "recalls"));
	printf("cpu:        %.2f s user, %.2f s system on other nodes\n",
	       pm_json_int(proc, "user_ns") / 1e9, pm_json_int(proc, "system_ns") / 1e9);
	printf("memory:     %.1f MiB resident of %.1f MiB\n",
	       pm_json_int(proc, "pages.resident") / 256.0,
	       pm_json_int(proc, "pages.size") / 256.0);
	printf("freeze:     %.3f ms in the last move\n", pm_json_int(proc, "freeze_ns") / 1e6);
	printf("pages:      %lld eager, %lld on demand, %lld ahead, %lld pushed, %lld of files\n",
	       pm_json_int(proc, "pages.eager"), pm_json_int(proc, "pages.demand"),
	       pm_json_int(proc, "pages.ahead"), pm_json_int(proc, "pages.pushed"),
	       pm_json_int(proc, "pages.file"));
	printf("            %lld zero, %lld left elsewhere; faults waited %.3f ms\n",
	       pm_json_int(proc, "pages.zero"), pm_json_int(proc, "pages.left"),
	       pm_json_int(proc, "pages.fault_ns") / 1e6);
}

int cmd_show(struct cli *cli, int argc, char **argv)
{
	json_t *proc;
	int err = get(cli, PROCMIG_CMD_PROC_GET, PROCMIG_A_PID, parse_pid(argv[0]), &proc);

	(void)argc;
	if (err)
		die_refused(cli, err, "cannot show %s", argv[0]);
	if (cli->json) {
		print_json(proc);
		return CLI_OK;
	}
	print_proc(proc);
	json_decref(proc);
	return CLI_OK;
}
