// SPDX-License-Identifier: GPL-2.0
/* procmig node, self and key: who we are and whom we know. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The longest key file: as hex digits with white space. */
#define KEY_FILE_MAX	(4 * PROCMIG_KEY_MAX)

/*
 * Split HOST, HOST:PORT, [HOST]:PORT or a bare IPv6 address, in place. Return: host; @port is
 * NULL if there is none.
 */
static char *split_address(char *text, char **port)
{
	char *colon = strrchr(text, ':'), *end;

	*port = NULL;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			die(CLI_USAGE, "%s is not an address", text);
		if (end[1])
			*port = end + 2;
		*end = '\0';
		return text + 1;
	}
	if (colon && strchr(text, ':') == colon) {
		*port = colon + 1;
		*colon = '\0';
	}
	return text;
}

/* Die if there is no host in ADDR. */
static void check_address(const char *text)
{
	if (!*text || (*text == ':' && !strchr(text + 1, ':')))
		die(CLI_USAGE, "'%s' has no host name or address before the port", text);
}

/* Add ADDR to the request. Return: the port in host byte order, 0 if the text has none. */
static __u16 put_address(struct cli *cli, const char *text)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *info;
	char *copy = strdup(text), *host, *port_text;
	long port = 0;
	int err;

	if (!copy)
		die(CLI_FAILED, "out of memory");
	host = split_address(copy, &port_text);
	if (port_text) {
		char *end;

		port = strtol(port_text, &end, 10);
		if (!isdigit((unsigned char)*port_text) || *end || port < 1 || port > 65535)
			die(CLI_USAGE, "%s is not a port", port_text);
	}
	err = getaddrinfo(host, NULL, &hints, &info);
	if (err)
		die(CLI_FAILED, "cannot find the address of %s: %s", host, gai_strerror(err));
	if (info->ai_family == AF_INET)
		((struct sockaddr_in *)info->ai_addr)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)info->ai_addr)->sin6_port = htons(port);
	pm_nl_put(cli->nl, PROCMIG_A_ADDR, info->ai_addr, info->ai_addrlen);
	freeaddrinfo(info);
	free(copy);
	return port;
}

/*
 * Send the request that has been built, which has no reply, or die. For JSON show what has become
 * of it: node @node, or (0) this one.
 */
static int run(struct cli *cli, const char *what, __u32 node)
{
	int err = pm_nl_do(cli->nl, NULL, NULL);
	json_t *json;

	if (err)
		die_refused(cli, err, "cannot %s", what);
	if (!cli->json)
		return CLI_OK;
	err = node ? get(cli, PROCMIG_CMD_NODE_GET, PROCMIG_A_NODE, node, &json) :
		     get(cli, PROCMIG_CMD_SELF_GET, 0, 0, &json);
	/* it has been deleted */
	print_json(err ? json_pack("{s:i}", "node", (int)node) : json);
	return CLI_OK;
}

int cmd_node_add(struct cli *cli, int argc, char **argv)
{
	__u32 node = parse_node(argv[0]);
	char what[64];

	(void)argc;
	check_address(argv[1]);
	request(cli, PROCMIG_CMD_NODE_ADD);
	pm_nl_put_u32(cli->nl, PROCMIG_A_NODE, node);
	put_address(cli, argv[1]);
	snprintf(what, sizeof(what), "add node %s", argv[0]);
	return run(cli, what, node);
}

int cmd_node_del(struct cli *cli, int argc, char **argv)
{
	__u32 node = parse_node(argv[0]);
	char what[64];

	(void)argc;
	request(cli, PROCMIG_CMD_NODE_DEL);
	pm_nl_put_u32(cli->nl, PROCMIG_A_NODE, node);
	snprintf(what, sizeof(what), "delete node %s", argv[0]);
	return run(cli, what, node);
}

/* "123", "45.6 MiB" */
static const char *size_text(long long bytes, char *text, size_t len)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = bytes;
	size_t i = 0;

	while (value >= 1024 && i < 4) {
		value /= 1024;
		i++;
	}
	snprintf(text, len, i ? "%.1f %s" : "%.0f %s", value, units[i]);
	return text;
}

void print_nodes(const json_t *nodes)
{
	char memory[16], load[16], rtt[16];
	const json_t *node;
	size_t i;

	printf("%5s  %-26s %-10s %9s %5s %4s %10s %6s\n", "NODE", "ADDRESS", "LINK", "RTT",
	       "LOAD", "CPUS", "FREE", "GUESTS");
	json_array_foreach(nodes, i, node) {
		printf("%5lld  %-26s %-10s", pm_json_int(node, "node"),
		       pm_json_str(node, "address"), pm_json_str(node, "link.state"));
		if (pm_json_get(node, "load")) {
			snprintf(load, sizeof(load), "%.2f",
				 pm_json_int(node, "load.percent") / 100.0);
			snprintf(rtt, sizeof(rtt), "%.3f ms",
				 pm_json_int(node, "link.rtt_us") / 1000.0);
			printf(" %9s %5s %4lld %10s %6lld", rtt, load,
			       pm_json_int(node, "load.cpus"),
			       size_text(pm_json_int(node, "load.memory_free"), memory,
					 sizeof(memory)),
			       pm_json_int(node, "load.guests"));
		} else if (*pm_json_str(node, "link.why")) {
			printf(" %s", pm_json_str(node, "link.why"));
		}
		putchar('\n');
	}
}

static void print_node(const json_t *node)
{
	time_t since = pm_json_int(node, "link.since_s");
	char when[32], sent[16], received[16];

	strftime(when, sizeof(when), "%F %T", localtime(&since));
	printf("node:      %lld\naddress:   %s\n", pm_json_int(node, "node"),
	       pm_json_str(node, "address"));
	printf("link:      %s since %s\n", pm_json_str(node, "link.state"), when);
	if (*pm_json_str(node, "link.why"))
		printf("why:       %s\n", pm_json_str(node, "link.why"));
	if (*pm_json_str(node, "link.release"))
		printf("kernel:    %s\n", pm_json_str(node, "link.release"));
	printf("rtt:       %.3f ms\n", pm_json_int(node, "link.rtt_us") / 1000.0);
	printf("channels:  %lld\nups:       %lld\n", pm_json_int(node, "link.channels"),
	       pm_json_int(node, "link.ups"));
	printf("sent:      %s in %lld messages\nreceived:  %s in %lld messages\n",
	       size_text(pm_json_int(node, "link.tx_bytes"), sent, sizeof(sent)),
	       pm_json_int(node, "link.tx_messages"),
	       size_text(pm_json_int(node, "link.rx_bytes"), received, sizeof(received)),
	       pm_json_int(node, "link.rx_messages"));
	printf("refused:   %lld (not authentic)\n", pm_json_int(node, "link.auth_failures"));
	if (pm_json_get(node, "load"))
		printf("load:      %.2f on %lld processors, %lld guests\n",
		       pm_json_int(node, "load.percent") / 100.0, pm_json_int(node, "load.cpus"),
		       pm_json_int(node, "load.guests"));
}

int cmd_node_show(struct cli *cli, int argc, char **argv)
{
	json_t *json;
	int err;

	if (argc) {
		err = get(cli, PROCMIG_CMD_NODE_GET, PROCMIG_A_NODE, parse_node(argv[0]), &json);
		if (err)
			die_refused(cli, err, "cannot show node %s", argv[0]);
	} else {
		json = get_all(cli, PROCMIG_CMD_NODE_GET);
	}
	if (cli->json) {
		print_json(json);
		return CLI_OK;
	}
	if (argc)
		print_node(json);
	else
		print_nodes(json);
	json_decref(json);
	return CLI_OK;
}

static int self_show(struct cli *cli)
{
	json_t *self;
	int err = get(cli, PROCMIG_CMD_SELF_GET, 0, 0, &self);

	if (err)
		die_refused(cli, err, "cannot ask the module");
	if (cli->json) {
		print_json(self);
		return CLI_OK;
	}
	if (pm_json_int(self, "node"))
		printf("node:       %lld\n", pm_json_int(self, "node"));
	else
		puts("node:       none (set it with: procmig self ID)");
	printf("address:    %s\nport:       %lld\n",
	       *pm_json_str(self, "address") ? pm_json_str(self, "address") : "any",
	       pm_json_int(self, "port"));
	printf("key:        %s\n", pm_json_get(self, "key") ? "set" :
	       "none (set it with: procmig key set FILE)");
	printf("listening:  %s\n", pm_json_get(self, "listening") ? "yes" : "no");
	json_decref(self);
	return CLI_OK;
}

int cmd_self(struct cli *cli, int argc, char **argv)
{
	__u32 node;
	__u16 port;

	if (!argc)
		return self_show(cli);
	node = strcmp(argv[0], "none") ? parse_node(argv[0]) : 0;
	if (argc > 1)
		check_address(argv[1]);
	request(cli, PROCMIG_CMD_SELF_SET);
	pm_nl_put_u32(cli->nl, PROCMIG_A_NODE, node);
	if (argc > 1) {
		port = put_address(cli, argv[1]);
		if (port)
			pm_nl_put_u16(cli->nl, PROCMIG_A_PORT, port);
	}
	return run(cli, "set this node's id", 0);
}

/* ---- keys ---- */

/*
 * If all of it is hex digits and white space, decode it in place; otherwise it is a key as it is.
 * Return: length of the key.
 */
static size_t decode_key(unsigned char *data, size_t len)
{
	unsigned char key[KEY_FILE_MAX / 2];
	size_t digits = 0, i;
	char pair[3] = "";

	for (i = 0; i < len; i++) {
		if (isspace(data[i]))
			continue;
		if (!isxdigit(data[i]))
			return len;
		pair[digits & 1] = data[i];
		if (digits & 1)
			key[digits / 2] = strtoul(pair, NULL, 16);
		digits++;
	}
	if (digits % 2 || digits < 2 * PROCMIG_KEY_MIN)
		return len;
	memcpy(data, key, digits / 2);
	explicit_bzero(key, sizeof(key));
	return digits / 2;
}

static void check_key_file(int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		die(CLI_FAILED, "cannot read %s: %s", name, strerror(errno));
	if (S_ISREG(st.st_mode) && (st.st_mode & 077))
		die(CLI_FAILED, "%s is open to other users (close it with: chmod 600 %s)", name,
		    name);
}

static size_t read_key(const char *name, unsigned char *data, size_t size)
{
	bool standard = !strcmp(name, "-");
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		die(errno == EACCES ? CLI_PERMISSION : CLI_FAILED, "cannot open %s: %s", name,
		    strerror(errno));
	check_key_file(fd, name);
	while (len < size && (got = read(fd, data + len, size - len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die(CLI_FAILED, "cannot read %s: %s", name, strerror(errno));
		len += got;
	}
	if (!standard)
		close(fd);
	return len;
}

int cmd_key_set(struct cli *cli, int argc, char **argv)
{
	unsigned char key[KEY_FILE_MAX];
	size_t len = decode_key(key, read_key(argv[0], key, sizeof(key)));

	(void)argc;
	if (len < PROCMIG_KEY_MIN || len > PROCMIG_KEY_MAX)
		die(CLI_FAILED, "%s has no key of %d to %d bytes (make one with: %s)", argv[0],
		    PROCMIG_KEY_MIN, PROCMIG_KEY_MAX,
		    "(umask 077; head -c 32 /dev/urandom >FILE)");
	request(cli, PROCMIG_CMD_KEY_SET);
	pm_nl_put(cli->nl, PROCMIG_A_KEY, key, len);
	explicit_bzero(key, sizeof(key));
	return run(cli, "set the key", 0);
}

int cmd_key_clear(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	request(cli, PROCMIG_CMD_KEY_SET);
	return run(cli, "forget the key", 0);
}
