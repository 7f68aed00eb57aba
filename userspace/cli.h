/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of procmig(1) share. */
#ifndef PM_CLI_H
#define PM_CLI_H

#include <stdbool.h>
#include <stdnoreturn.h>
#include "json.h"
#include "libprocmig.h"

#define PRINTF(a, b)	__attribute__((__format__(__gnu_printf__, a, b)))

/* Exit codes; documented in procmig(1). */
enum {
	CLI_OK = 0,
	CLI_FAILED = 1,		/* refused, or it did not work */
	CLI_USAGE = 2,		/* wrong command line */
	CLI_NO_MODULE = 3,	/* the module is not loaded */
	CLI_PERMISSION = 4,	/* not permitted */
	/* "run" ends like its command, or, as env(1) and its like: */
	CLI_RUN_FAILED = 125,	/* instead of all of the above */
	CLI_RUN_CANNOT = 126,	/* the command cannot be run */
	CLI_RUN_MISSING = 127,	/* there is no such command */
};

/**
 * struct cli - a call of the program
 * @nl: connection to the module, NULL before the first request
 * @json: print JSON
 */
struct cli {
	struct pm_nl *nl;
	bool json;
};

/* Print "procmig: ..." on stderr and exit. */
noreturn PRINTF(2, 3) void die(int code, const char *format, ...);

/*
 * Print "procmig: WHAT: WHY", where why is the kernel's sentence or what @err stands for, and exit
 * with the code for @err.
 */
noreturn PRINTF(3, 4) void die_refused(const struct cli *cli, int err, const char *format, ...);

/* Parse or die with CLI_USAGE. */
__u32 parse_node(const char *text);
__u32 parse_destination(const char *text);	/* "home" is 0 */
__u32 parse_pid(const char *text);

/* Connect to the module, or die. */
void open_module(struct cli *cli);
/* Begin request @cmd, connecting to the module if that has not been done. */
void request(struct cli *cli, __u8 cmd);
/* Run request @cmd for @attr = @value (no attribute if @attr is 0). Return: as pm_nl_do(). */
int get(struct cli *cli, __u8 cmd, __u16 attr, __u32 value, json_t **object);
/* All objects of a dump as an array, or die. */
json_t *get_all(struct cli *cli, __u8 cmd);
/* Print as JSON and drop the reference. */
void print_json(json_t *json);

/* One for each command; @argv starts after the command's own words. Return: exit code. */
int cmd_node_add(struct cli *cli, int argc, char **argv);
int cmd_node_del(struct cli *cli, int argc, char **argv);
int cmd_node_show(struct cli *cli, int argc, char **argv);
int cmd_self(struct cli *cli, int argc, char **argv);
int cmd_key_set(struct cli *cli, int argc, char **argv);
int cmd_key_clear(struct cli *cli, int argc, char **argv);
int cmd_migrate(struct cli *cli, int argc, char **argv);
int cmd_run(struct cli *cli, int argc, char **argv);
int cmd_policy(struct cli *cli, int argc, char **argv);
int cmd_ps(struct cli *cli, int argc, char **argv);
int cmd_show(struct cli *cli, int argc, char **argv);
int cmd_state(struct cli *cli, int argc, char **argv);
int cmd_stats(struct cli *cli, int argc, char **argv);
int cmd_monitor(struct cli *cli, int argc, char **argv);

/* Tables that several commands print. */
void print_nodes(const json_t *nodes);
/* The name of its program, with nothing in it that a terminal would obey; until the next call. */
const char *command_text(const json_t *object);
void print_procs(const json_t *procs);

#endif
