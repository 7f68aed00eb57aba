// SPDX-License-Identifier: GPL-2.0
/*
 * rig-client: run a command in a node. The host's half of agent.c.
 *
 *	rig-client [-t] [-n] [-u UID] [-w SECONDS] DIR COMMAND [ARG]...
 *
 * DIR holds the node's sockets port0, port1, ... A lock file beside each keeps two
 * clients apart. Exit status: the command's, 128+N if signal N ended it, 255 if
 * the node could not be reached or was lost.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "proto.h"

#define LOST 255

static const char *dir;
static int sock = -1;
static struct rig_buf from, to;
static struct termios saved_termios;
static bool raw_mode;
static volatile sig_atomic_t pending[NSIG];

static void restore_terminal(void)
{
	if (raw_mode)
		tcsetattr(0, TCSADRAIN, &saved_termios);
	raw_mode = false;
}

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list ap;

	restore_terminal();
	va_start(ap, fmt);
	fputs("rig: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(LOST);
}

static const char *node_name(void)
{
	const char *p = strrchr(dir, '/');

	return p ? p + 1 : dir;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void on_signal(int sig)
{
	pending[sig]++;
}

static void catch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2,
				    SIGWINCH, SIGALRM };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		struct sigaction old;

		/* What nohup and background jobs ignore stays ignored. */
		sigaction(sigs[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* ---- connecting ---------------------------------------------------------- */

/* Return: a connected socket with its lock held, -1 if all are in use. */
static int try_ports(int *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char lock[32];
	int fd;

	*err = ENOENT;
	for (int i = 0; i < 64; i++) {
		snprintf(sa.sun_path, sizeof(sa.sun_path), "port%d", i);
		if (access(sa.sun_path, F_OK))
			return -1;
		snprintf(lock, sizeof(lock), "port%d.lock", i);
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			die("%s/%s: %s.", dir, lock, strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			*err = EBUSY;
			close(fd);
			continue;
		}
		sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (!connect(sock, (struct sockaddr *)&sa, sizeof(sa)))
			return sock;	/* the lock lives as long as we do */
		*err = errno;
		close(sock);
		close(fd);
		return -1;
	}
	return -1;
}

static void check_interrupted(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		if (pending[sigs[i]]) {
			restore_terminal();
			exit(128 + sigs[i]);
		}
}

static void connect_node(long end)
{
	bool told = false;
	int err;

	while (try_ports(&err) < 0) {
		if (err == EBUSY && !told && now_ms() > end) {
			fprintf(stderr, "rig: all channels to %s are in use; waiting.\n",
				node_name());
			told = true;
		}
		if (err != EBUSY && now_ms() >= end)
			die("%s is not running.", node_name());
		check_interrupted();
		usleep(20000);
	}
	fcntl(sock, F_SETFL, O_NONBLOCK);
}

/* Return: 0, or -1 when the node has hung up. */
static int read_node(void)
{
	char data[65536];
	ssize_t n = read(sock, data, sizeof(data));

	if (n > 0)
		return rig_buf_add(&from, data, n);
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* Say hello until the agent answers; see proto.h. */
static void handshake(long end)
{
	uint64_t nonce;
	long next = 0;

	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		die("getrandom: %s.", strerror(errno));
	nonce |= 1;
	for (;;) {
		struct pollfd p = { sock, POLLIN, 0 };
		struct rig_hdr h;

		if (now_ms() >= next) {
			if (next && now_ms() >= end)
				die("%s does not answer.", node_name());
			if (!to.len)
				rig_put(&to, RIG_HELLO, 0, &nonce, sizeof(nonce));
			next = now_ms() + 500;
		}
		if (rig_flush(sock, &to) || ((poll(&p, 1, 100) > 0) && read_node()))
			die("%s went away.", node_name());
		check_interrupted();
		while (rig_peek(&from, &h)) {
			bool ready = h.type == RIG_READY && h.len == sizeof(nonce) &&
				     !memcmp(rig_payload(&from), &nonce, h.len);

			rig_next(&from, &h);
			if (ready)
				return;
		}
	}
}

/* ---- the session --------------------------------------------------------- */

static uint32_t window_size(void)
{
	struct winsize ws;

	for (int fd = 0; fd < 3; fd++)
		if (!ioctl(fd, TIOCGWINSZ, &ws) && ws.ws_row && ws.ws_col)
			return (uint32_t)ws.ws_row << 16 | ws.ws_col;
	return 24u << 16 | 80;
}

static void raw_terminal(void)
{
	struct termios t;

	if (!isatty(0) || tcgetattr(0, &saved_termios))
		return;
	t = saved_termios;
	cfmakeraw(&t);
	if (!tcsetattr(0, TCSADRAIN, &t))
		raw_mode = true;
}

static void send_start(uid_t uid, bool tty, char **argv, int argc)
{
	struct rig_start st = { uid, tty, window_size(), argc };
	const char *term = getenv("TERM");
	struct rig_buf b = { 0 };

	rig_buf_add(&b, &st, sizeof(st));
	rig_buf_add(&b, term ? term : "", strlen(term ? term : "") + 1);
	for (int i = 0; i < argc; i++)
		rig_buf_add(&b, argv[i], strlen(argv[i]) + 1);
	if (b.len > RIG_PAYLOAD)
		die("the command is too long (limit %d bytes).", RIG_PAYLOAD);
	rig_put(&to, RIG_START, 0, b.data, b.len);
	free(b.data);
}

/* Pass signals on. Who is told to go and cannot goes without an answer. */
static void forward_signals(bool tty)
{
	static int interrupts;

	for (int sig = 1; sig < NSIG; sig++) {
		if (!pending[sig])
			continue;
		pending[sig] = 0;
		if (sig == SIGWINCH) {
			if (tty)
				rig_put(&to, RIG_WINSIZE, window_size(), NULL, 0);
			continue;
		}
		if (sig == SIGALRM) {
			restore_terminal();
			exit(128 + SIGTERM);
		}
		rig_put(&to, RIG_SIGNAL, sig, NULL, 0);
		if (sig == SIGTERM || sig == SIGHUP)
			alarm(10);
		if (sig == SIGINT && ++interrupts == 3) {
			restore_terminal();
			exit(128 + SIGINT);
		}
	}
}

static bool write_out(int fd, const char *data, size_t len, bool tty)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR) {
			forward_signals(tty);
			rig_flush(sock, &to);
			continue;
		}
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { fd, POLLOUT, 0 };

			poll(&p, 1, 1000);
			continue;
		}
		if (n < 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* A background job must not touch its terminal, or it is stopped. */
static bool may_read_stdin(void)
{
	return !isatty(0) || tcgetpgrp(0) == getpgrp();
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int session(bool tty, bool use_stdin)
{
	bool out_open[3] = { false, true, true };
	size_t window = RIG_WINDOW;

	if (!use_stdin)
		rig_put(&to, RIG_EOF, 0, NULL, 0);
	for (;;) {
		struct pollfd p[2] = {
			{ sock, POLLIN | (to.len ? POLLOUT : 0), 0 },
			{ use_stdin && window && may_read_stdin() ? 0 : -1, POLLIN, 0 },
		};
		char data[RIG_PAYLOAD];
		struct rig_hdr h;
		ssize_t n;

		forward_signals(tty);
		if (rig_flush(sock, &to))
			die("%s went away.", node_name());
		p[0].events = POLLIN | (to.len ? POLLOUT : 0);
		if (poll(p, 2, use_stdin && p[1].fd < 0 && window ? 500 : -1) < 0)
			continue;
		if (p[1].revents) {
			n = read(0, data, window < sizeof(data) ? window : sizeof(data));
			if (n > 0) {
				rig_put(&to, RIG_DATA, 0, data, n);
				window -= n;
			} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
				rig_put(&to, RIG_EOF, 0, NULL, 0);
				use_stdin = false;
			}
		}
		if (p[0].revents & (POLLIN | POLLHUP | POLLERR) && read_node())
			die("%s went away.", node_name());
		while (rig_peek(&from, &h)) {
			char *payload = rig_payload(&from);

			if (h.type == RIG_DATA && h.arg >= 1 && h.arg <= 2) {
				if (out_open[h.arg] &&
				    !write_out(h.arg, payload, h.len, tty)) {
					out_open[h.arg] = false;
					rig_put(&to, RIG_CLOSED, h.arg, NULL, 0);
				}
			} else if (h.type == RIG_CREDIT) {
				window += h.arg;
			} else if (h.type == RIG_FAIL) {
				restore_terminal();
				fprintf(stderr, "rig: %s: %.*s: %s\n", node_name(),
					(int)h.len, payload, strerror(h.arg));
			} else if (h.type == RIG_EXIT) {
				restore_terminal();
				return exit_status(h.arg);
			}
			rig_next(&from, &h);
		}
	}
}

int main(int argc, char **argv)
{
	bool tty = false, use_stdin = true;
	long uid = 0, wait = 0, end;
	int c, status;

	while ((c = getopt(argc, argv, "+tnu:w:")) != -1) {
		switch (c) {
		case 't': tty = true; break;
		case 'n': use_stdin = false; break;
		case 'u': uid = atol(optarg); break;
		case 'w': wait = atol(optarg); break;
		default: return 2;
		}
	}
	if (argc - optind < 2) {
		fputs("usage: rig-client [-t] [-n] [-u UID] [-w SECONDS] DIR COMMAND [ARG]...\n",
		      stderr);
		return 2;
	}
	dir = argv[optind];
	if (chdir(dir))	/* keeps socket paths short */
		die("%s is not there.", dir);
	catch_signals();
	end = now_ms() + wait * 1000;
	connect_node(end);
	handshake(wait ? end : now_ms() + 30000);
	send_start(uid, tty, argv + optind + 1, argc - optind - 1);
	if (tty)
		raw_terminal();
	status = session(tty, use_stdin);
	return status;
}
