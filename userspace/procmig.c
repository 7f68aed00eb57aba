// SPDX-License-Identifier: GPL-2.0
/* procmig(1): configure and watch process migration, and move processes. */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PROCMIG_VERSION
#define PROCMIG_VERSION "0.1"
#endif

static const char usage[] =
	"Usage: procmig [-j] [COMMAND [ARGUMENT...]]\n"
	"\n"
	"  procmig                        state of this node\n"
	"  procmig migrate PID NODE|home  move a process and wait until it runs there\n"
	"  procmig run [NODE|home|--best] [--] COMMAND...\n"
	"                                 run a command there, from its first instruction\n"
	"  procmig policy PID [none|stay|follow|NODE|home]\n"
	"                                 where it and its children go at exec\n"
	"  procmig ps                     processes that are away, and guests\n"
	"  procmig show PID               one process: counters, and why it cannot move\n"
	"  procmig node add ID ADDR[:PORT]\n"
	"  procmig node del ID\n"
	"  procmig node show [ID]\n"
	"  procmig self [ID [ADDR[:PORT]]]  this node's id; \"none\" leaves the cluster\n"
	"  procmig key set FILE           the cluster key, 16 to 64 bytes; - is stdin\n"
	"  procmig key clear\n"
	"  procmig monitor                print events as they happen\n"
	"  procmig stats                  counters since the module was loaded\n"
	"  procmig help | --help, --version\n"
	"\n"
	"  -j, --json                     print JSON\n"
	"\n"
	"Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 the module is not\n"
	"loaded, 4 not permitted; run: that of the command, 125 if it could not be placed,\n"
	"126 or 127 if it could not be run. See procmig(1).\n";

/**
 * struct command - an entry of the command table
 * @words: one or two words that name it
 * @arguments: what may follow, for the error message
 * @min: fewest arguments
 * @max: most arguments
 * @run: the command
 */
struct command {
	const char *words[2];
	const char *arguments;
	int min;
	int max;
	int (*run)(struct cli *cli, int argc, char **argv);
};

static const struct command commands[] = {
	{ { "migrate" }, "PID NODE|home", 2, 2, cmd_migrate },
	{ { "run" }, "[NODE|home|--best] [--] COMMAND...", 1, INT_MAX, cmd_run },
	{ { "policy" }, "PID [none|stay|follow|NODE|home]", 1, 2, cmd_policy },
	{ { "ps" }, "", 0, 0, cmd_ps },
	{ { "show" }, "PID", 1, 1, cmd_show },
	{ { "node", "add" }, "ID ADDR[:PORT]", 2, 2, cmd_node_add },
	{ { "node", "del" }, "ID", 1, 1, cmd_node_del },
	{ { "node", "show" }, "[ID]", 0, 1, cmd_node_show },
	{ { "self" }, "[ID [ADDR[:PORT]]]", 0, 2, cmd_self },
	{ { "key", "set" }, "FILE", 1, 1, cmd_key_set },
	{ { "key", "clear" }, "", 0, 0, cmd_key_clear },
	{ { "monitor" }, "", 0, 0, cmd_monitor },
	{ { "stats" }, "", 0, 0, cmd_stats },
	/* as in openMosix */
	{ { "mosrun" }, "[NODE|home|--best] [--] COMMAND...", 1, INT_MAX, cmd_run },
	{ { "mps" }, "", 0, 0, cmd_ps },
	{ { "mosmon" }, "", 0, 0, cmd_monitor },
	{ { NULL }, NULL, 0, 0, NULL }
};

static const struct command state_command = { { "" }, "", 0, 0, cmd_state };

/* What comes of a command that runs another must not be taken for what came of that. */
static bool running;

void die(int code, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("procmig: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(running && code < CLI_RUN_FAILED ? CLI_RUN_FAILED : code);
}

void die_refused(const struct cli *cli, int err, const char *format, ...)
{
	const char *why = pm_nl_why(cli->nl);
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (!*why)
		why = err == -EPERM ? "this needs root" : strerror(-err);
	die(err == -EPERM || err == -EACCES ? CLI_PERMISSION : CLI_FAILED, "%s: %s", what, why);
}

static __u32 parse_number(const char *text, __u32 max, const char *what)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !value || value > max)
		die(CLI_USAGE, "%s is not %s", text, what);
	return value;
}

__u32 parse_node(const char *text)
{
	return parse_number(text, PROCMIG_NODE_MAX, "a node id (a number from 1 to 65535)");
}

__u32 parse_destination(const char *text)
{
	if (!strcmp(text, "home"))
		return 0;
	return parse_number(text, PROCMIG_NODE_MAX, "a node id (1 to 65535, or \"home\")");
}

__u32 parse_pid(const char *text)
{
	return parse_number(text, INT32_MAX, "a process id");
}

void open_module(struct cli *cli)
{
	int err;

	if (cli->nl)
		return;
	err = pm_nl_open(&cli->nl);
	if (err == -ENOENT && !access("/sys/module/procmig", F_OK))
		die(CLI_FAILED,
		    "the module answers only in the initial network namespace (elsewhere there is /proc/PID/migrate)");
	if (err == -ENOENT)
		die(CLI_NO_MODULE, "the module is not loaded (load it with: modprobe procmig)");
	if (err)
		die(CLI_FAILED, "cannot open a netlink socket: %s", strerror(-err));
}

void request(struct cli *cli, __u8 cmd)
{
	open_module(cli);
	pm_nl_begin(cli->nl, cmd);
}

int get(struct cli *cli, __u8 cmd, __u16 attr, __u32 value, json_t **object)
{
	int err;

	*object = NULL;
	request(cli, cmd);
	if (attr)
		pm_nl_put_u32(cli->nl, attr, value);
	err = pm_nl_do(cli->nl, pm_json_store, object);
	if (!err && !*object)
		err = -EBADMSG;
	return err;
}

json_t *get_all(struct cli *cli, __u8 cmd)
{
	json_t *array = json_array();
	int err;

	request(cli, cmd);
	err = pm_nl_dump(cli->nl, pm_json_append, &array);
	if (err)
		die_refused(cli, err, "cannot ask the module");
	return array;
}

void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

/* "add, del or show": the second words of the commands that begin with @word. */
static const char *choices(const char *word, char *text, size_t len)
{
	const struct command *command, *last = NULL;
	size_t used = 0;

	*text = '\0';
	for (command = commands; command->run; command++) {
		if (strcmp(word, command->words[0]))
			continue;
		if (last)
			used += snprintf(text + used, len - used, "%s%s", used ? ", " : "",
					 last->words[1]);
		last = command;
	}
	if (last)
		snprintf(text + used, len - used, "%s%s", used ? " and " : "", last->words[1]);
	return text;
}

static const struct command *find(int argc, char **argv, int *words)
{
	const struct command *command;
	char text[64];

	*words = 0;
	if (!argc)
		return &state_command;
	for (command = commands; command->run; command++) {
		if (strcmp(argv[0], command->words[0]))
			continue;
		*words = 1;
		if (!command->words[1])
			return command;
		/* "show" need not be said. */
		if (argc == 1 && !strcmp(command->words[1], "show"))
			return command;
		*words = 2;
		if (argc > 1 && !strcmp(argv[1], command->words[1]))
			return command;
	}
	if (*words && argc > 1)
		die(CLI_USAGE, "%s: there is no %s, but %s (see: procmig help)", argv[0], argv[1],
		    choices(argv[0], text, sizeof(text)));
	if (*words)
		die(CLI_USAGE, "%s: what? There is %s (see: procmig help)", argv[0],
		    choices(argv[0], text, sizeof(text)));
	die(CLI_USAGE, "there is no command %s (see: procmig help)", argv[0]);
}

int main(int argc, char **argv)
{
	struct cli cli = { .json = false };
	const struct command *command;
	int words, code;

	for (argc--, argv++; argc && argv[0][0] == '-'; argc--, argv++) {
		if (!strcmp(*argv, "-h") || !strcmp(*argv, "--help"))
			break;
		if (!strcmp(*argv, "-V") || !strcmp(*argv, "--version")) {
			puts("procmig " PROCMIG_VERSION);
			return CLI_OK;
		}
		if (strcmp(*argv, "-j") && strcmp(*argv, "--json"))
			die(CLI_USAGE, "there is no option %s (see: procmig help)", *argv);
		cli.json = true;
	}
	if (argc && (!strcmp(*argv, "help") || argv[0][0] == '-')) {
		fputs(usage, stdout);
		return CLI_OK;
	}
	command = find(argc, argv, &words);
	argc -= words;
	argv += words;
	running = command->run == cmd_run;
	if (argc && !running &&
	    (!strcmp(argv[argc - 1], "-j") || !strcmp(argv[argc - 1], "--json"))) {
		cli.json = true;
		argc--;
	}
	if (argc < command->min || argc > command->max)
		die(CLI_USAGE, "usage: procmig %s%s%s%s%s", command->words[0],
		    command->words[1] ? " " : "", command->words[1] ? command->words[1] : "",
		    *command->arguments ? " " : "", command->arguments);

	code = command->run(&cli, argc, argv);
	if (cli.nl)
		pm_nl_close(cli.nl);
	if (fflush(stdout) || ferror(stdout))
		die(CLI_FAILED, "cannot write the output: %s", strerror(errno));
	return code;
}
