// SPDX-License-Identifier: GPL-2.0
/*
 * rig-agent: PID 1 of a node. Runs commands for rig-client on the host and reaps
 * orphans.
 *
 * The main process watches the idle virtio-serial ports and forks a worker when
 * something arrives on one. The worker owns the port for one session: it starts
 * the command in a session of its own, carries its input, output and signals, and
 * reports its end. When the client disappears it kills the command's session.
 *
 * Static, no threads; see proto.h for the protocol.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "proto.h"

#define MAX_PORTS 31

/* Keep the queue to a client that does not read short. */
#define OUT_LIMIT (256 * 1024)

struct port {
	int fd;
	pid_t worker;	/* 0: idle, in the epoll set */
};

static struct port ports[MAX_PORTS];
static int nr_ports;

/* One session, in a worker. */
static struct {
	int port;
	int in, out, err;	/* our ends of the command's streams, or -1 */
	bool tty;
	pid_t pid;
	uint64_t nonce;
	bool started;
	bool in_eof;		/* close the command's stdin once it is written */
	struct rig_buf from, to, stdin_buf;
} s = { .in = -1, .out = -1, .err = -1 };

static void say(const char *what)
{
	fprintf(stderr, "rig-agent: %s: %s\n", what, strerror(errno));
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		say(path);
	close(fd);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the command ------------------------------------------------------- */

static void set_limits(void)
{
	struct rlimit files = { 1024, 524288 };
	struct rlimit core = { 0, RLIM_INFINITY };
	struct rlimit stack = { 8 << 20, RLIM_INFINITY };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &core);
	setrlimit(RLIMIT_STACK, &stack);
}

/* The groups of @name as /etc/group has them (a static libc has no NSS). */
static void set_groups(const char *name, gid_t gid)
{
	gid_t groups[64] = { gid };
	size_t n = 1;
	struct group *g;
	FILE *f = fopen("/etc/group", "re");

	while (f && n < 64 && (g = fgetgrent(f))) {
		for (char **m = g->gr_mem; *m; m++) {
			if (!strcmp(*m, name) && g->gr_gid != gid) {
				groups[n++] = g->gr_gid;
				break;
			}
		}
	}
	if (f)
		fclose(f);
	if (setgroups(n, groups))
		say("setgroups");
}

static int become(uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw = NULL;
	const char *name = "nobody", *home = "/", *shell = "/bin/sh";
	gid_t gid = uid;
	char path[32];

	while (f && (pw = fgetpwent(f)) && pw->pw_uid != uid)
		;
	if (pw) {
		name = pw->pw_name;
		home = pw->pw_dir;
		shell = pw->pw_shell;
		gid = pw->pw_gid;
	}
	setenv("USER", name, 1);
	setenv("LOGNAME", name, 1);
	setenv("HOME", home, 1);
	setenv("SHELL", shell, 1);
	snprintf(path, sizeof(path), "/run/user/%u", uid);
	if (!access(path, X_OK))
		setenv("XDG_RUNTIME_DIR", path, 1);
	if (uid) {
		set_groups(name, gid);
		if (setgid(gid) || setuid(uid))
			return -1;
	}
	if (chdir(home) && chdir("/"))
		return -1;
	if (f)
		fclose(f);
	return 0;
}

static void set_environment(const char *term, bool tty)
{
	clearenv();
	setenv("PATH",
	       "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LANG", "C.UTF-8", 1);
	if (tty)
		setenv("TERM", *term ? term : "vt100", 1);
}

/* Does not return. An exec error goes to @report as an errno. */
static void run_command(const struct rig_start *st, const char *term, char **argv,
			int fds[3], int report)
{
	sigset_t none;
	int err;

	setsid();
	if (st->tty)
		ioctl(fds[0], TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	write_file("/proc/self/oom_score_adj", "0");
	set_limits();
	set_environment(term, st->tty);
	if (!become(st->uid)) {
		umask(022);
		execvp(argv[0], argv);
	}
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		say(argv[0]);
	_exit(err == ENOENT ? 127 : 126);
}

/* Make the streams: @fds for the command, s.in, s.out and s.err for us. */
static int make_streams(const struct rig_start *st, int fds[3])
{
	int p[2];

	if (st->tty) {
		struct winsize ws = { .ws_row = st->winsize >> 16,
				      .ws_col = st->winsize & 0xffff };

		if (openpty(&s.out, &fds[0], NULL, NULL, &ws))
			return -1;
		fcntl(s.out, F_SETFD, FD_CLOEXEC);
		fcntl(fds[0], F_SETFD, FD_CLOEXEC);
		if (st->uid && fchown(fds[0], st->uid, -1))
			say("fchown");
		s.in = fcntl(s.out, F_DUPFD_CLOEXEC, 0);
		fds[1] = fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
		fds[2] = fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
	} else {
		if (pipe2(p, O_CLOEXEC))
			return -1;
		fds[0] = p[0];
		s.in = p[1];
		if (pipe2(p, O_CLOEXEC))
			return -1;
		fds[1] = p[1];
		s.out = p[0];
		if (pipe2(p, O_CLOEXEC))
			return -1;
		fds[2] = p[1];
		s.err = p[0];
		/* /dev/stdout and friends must open for the user, too. */
		for (int i = 0; i < 3; i++)
			if (st->uid && fchown(fds[i], st->uid, -1))
				say("fchown");
	}
	fcntl(s.in, F_SETFL, O_NONBLOCK);
	fcntl(s.out, F_SETFL, O_NONBLOCK);
	if (s.err >= 0)
		fcntl(s.err, F_SETFL, O_NONBLOCK);
	return 0;
}

static int fail(int err, const char *what)
{
	return rig_put(&s.to, RIG_FAIL, err, what, strlen(what));
}

/* @data: struct rig_start, TERM, the arguments, each ended by NUL. */
static int start_command(char *data, size_t len)
{
	struct rig_start st;
	int fds[3], report[2], err = 0;
	char **argv, *p, *end = data + len, *term;

	if (len < sizeof(st) || end[-1] != '\0')
		return -1;
	memcpy(&st, data, sizeof(st));
	if (!st.argc || st.argc > len)
		return -1;
	term = p = data + sizeof(st);
	argv = calloc(st.argc + 1, sizeof(*argv));
	if (!argv)
		return -1;
	for (uint32_t i = 0; i < st.argc && p < end; i++) {
		p += strlen(p) + 1;
		if (p >= end)
			return -1;
		argv[i] = p;
	}

	s.tty = st.tty;
	if (make_streams(&st, fds) || pipe2(report, O_CLOEXEC))
		return fail(errno, "the command's streams");
	s.pid = fork();
	if (s.pid < 0)
		return fail(errno, "fork");
	if (!s.pid)
		run_command(&st, term, argv, fds, report[1]);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(report[1]);
	/* The end of the pipe tells that the command runs. */
	if (read(report[0], &err, sizeof(err)) == sizeof(err))
		fail(err, argv[0]);
	close(report[0]);
	free(argv);
	s.started = true;
	return 0;
}

/* ---- killing what a lost client left behind ------------------------------ */

/* Send @sig to every process of session @sid. Return: how many there were. */
static int kill_session(pid_t sid, int sig)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		char path[300], stat[512], state, *p;
		int fd, ppid, pgrp, session;
		ssize_t n;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, stat, sizeof(stat) - 1);
		close(fd);
		if (n <= 0)
			continue;
		stat[n] = '\0';
		p = strrchr(stat, ')');
		if (!p || sscanf(p + 1, " %c %d %d %d", &state, &ppid, &pgrp,
				 &session) != 4)
			continue;
		if (session == sid && state != 'Z') {
			kill(atoi(e->d_name), sig);
			found++;
		}
	}
	if (d)
		closedir(d);
	return found;
}

static void abandon(void)
{
	if (s.pid <= 0)
		return;
	close_fd(&s.in);
	close_fd(&s.out);
	close_fd(&s.err);
	kill_session(s.pid, SIGHUP);
	kill_session(s.pid, SIGCONT);
	for (int i = 0; i < 100; i++) {
		usleep(i < 5 ? 50000 : 200000);
		if (!kill_session(s.pid, i < 5 ? 0 : SIGKILL))
			return;
	}
}

/* ---- a session ----------------------------------------------------------- */

static void feed_stdin(void)
{
	while (s.in >= 0 && s.stdin_buf.len) {
		ssize_t n = write(s.in, s.stdin_buf.data + s.stdin_buf.head,
				  s.stdin_buf.len);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			/* Nobody reads; swallow what comes, as a pipe would. */
			n = s.stdin_buf.len;
			close_fd(&s.in);
		}
		rig_buf_drop(&s.stdin_buf, n);
		rig_put(&s.to, RIG_CREDIT, n, NULL, 0);
	}
	if (!s.in_eof || s.in < 0 || s.stdin_buf.len)
		return;
	if (s.tty) {
		char eof = 4;

		if (write(s.in, &eof, 1) < 0)
			return;
	}
	close_fd(&s.in);
}

static int handle_frame(const struct rig_hdr *h, char *data)
{
	switch (h->type) {
	case RIG_HELLO:
		if (h->len != sizeof(s.nonce))
			return 0;
		if (s.started || s.nonce)
			/* A repetition; or a new client: let go of the old one. */
			return memcmp(&s.nonce, data, sizeof(s.nonce)) ? -1 : 0;
		memcpy(&s.nonce, data, sizeof(s.nonce));
		return rig_put(&s.to, RIG_READY, 0, data, h->len);
	case RIG_START:
		if (!s.nonce || s.started)
			return 0;
		return start_command(data, h->len);
	case RIG_DATA:
		if (s.in < 0)
			return rig_put(&s.to, RIG_CREDIT, h->len, NULL, 0);
		return rig_buf_add(&s.stdin_buf, data, h->len);
	case RIG_EOF:
		s.in_eof = true;
		return 0;
	case RIG_CLOSED:
		close_fd(h->arg == 2 ? &s.err : &s.out);
		return 0;
	case RIG_SIGNAL:
		if (s.pid > 0 && h->arg && h->arg < NSIG)
			kill(-s.pid, h->arg);
		return 0;
	case RIG_WINSIZE:
		if (s.tty && s.out >= 0) {
			struct winsize ws = { .ws_row = h->arg >> 16,
					      .ws_col = h->arg & 0xffff };

			ioctl(s.out, TIOCSWINSZ, &ws);
		}
		return 0;
	}
	return 0;
}

/* Return: -1 if the client is gone or has broken the rules. */
static int read_port(void)
{
	char data[65536];
	struct rig_hdr h;
	ssize_t n;

	n = read(s.port, data, sizeof(data));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (!n)
		return -1;
	if (rig_buf_add(&s.from, data, n))
		return -1;
	while (rig_peek(&s.from, &h)) {
		if (handle_frame(&h, rig_payload(&s.from)))
			return -1;
		rig_next(&s.from, &h);
	}
	return 0;
}

/* Return: true if there may be more. */
static bool pump(int *fd, int stream)
{
	char data[RIG_PAYLOAD];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, data, sizeof(data));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {	/* a pty ends with EIO */
		close_fd(fd);
		return false;
	}
	rig_put(&s.to, RIG_DATA, stream, data, n);
	return true;
}

/*
 * Processes that the command left behind may still write: read on for them, so
 * that they neither block nor get SIGPIPE.
 */
static void drain_in_background(void)
{
	struct pollfd p[2] = { { s.out, POLLIN, 0 }, { s.err, POLLIN, 0 } };
	char data[4096];

	if (s.tty || (s.out < 0 && s.err < 0) || fork())
		return;
	close(s.port);
	setsid();
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			if (!p[i].revents)
				continue;
			if (!read(p[i].fd, data, sizeof(data)))
				p[i].fd = -1;
		}
	}
	_exit(0);
}

/* Send what is queued, then wait for the client to hang up. */
static void finish(void)
{
	long end = now_ms() + 5000;
	char data[4096];

	while (now_ms() < end) {
		struct pollfd p = { s.port, POLLIN | (s.to.len ? POLLOUT : 0), 0 };

		poll(&p, 1, 1000);
		if (p.revents & POLLHUP)
			break;
		if (rig_flush(s.port, &s.to))
			break;
		if (s.to.len)
			end = now_ms() + 5000;
		if ((p.revents & POLLIN) && read(s.port, data, sizeof(data)) == 0)
			break;
	}
	while (read(s.port, data, sizeof(data)) > 0)
		;
}

static void session(int port)
{
	long end = now_ms() + 5000;
	sigset_t chld;
	int sfd, status = 0;

	s.port = port;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sfd = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);

	for (;;) {
		bool room = s.to.len < OUT_LIMIT;
		struct pollfd p[5] = {
			{ s.port, POLLIN | (s.to.len ? POLLOUT : 0), 0 },
			{ sfd, POLLIN, 0 },
			{ room ? s.out : -1, POLLIN, 0 },
			{ room ? s.err : -1, POLLIN, 0 },
			{ s.stdin_buf.len ? s.in : -1, POLLOUT, 0 },
		};
		struct signalfd_siginfo si;

		if (!s.started && now_ms() > end)
			return;
		if (poll(p, 5, s.started ? -1 : 1000) < 0)
			continue;
		if (p[0].revents & POLLHUP)
			return abandon();
		if ((p[0].revents & POLLIN) && read_port())
			return abandon();
		if (p[2].revents)
			pump(&s.out, 1);
		if (p[3].revents)
			pump(&s.err, 2);
		feed_stdin();
		if (p[1].revents) {
			while (read(sfd, &si, sizeof(si)) > 0)
				;
			if (waitpid(s.pid, &status, WNOHANG) == s.pid)
				break;
		}
		if (rig_flush(s.port, &s.to))
			return abandon();
	}

	while (pump(&s.out, 1))
		;
	while (pump(&s.err, 2))
		;
	rig_put(&s.to, RIG_EXIT, status, NULL, 0);
	drain_in_background();
	finish();
}

/* ---- PID 1 --------------------------------------------------------------- */

static void open_ports(void)
{
	DIR *d = opendir("/dev/virtio-ports");
	struct dirent *e;
	char path[300];

	while (d && (e = readdir(d)) && nr_ports < MAX_PORTS) {
		if (strncmp(e->d_name, "rig.", 4))
			continue;
		snprintf(path, sizeof(path), "/dev/virtio-ports/%s", e->d_name);
		ports[nr_ports].fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (ports[nr_ports].fd < 0)
			say(path);
		else
			nr_ports++;
	}
	if (d)
		closedir(d);
}

/* Edge-triggered: a port without a client would report POLLHUP all the time. */
static void watch(int ep, int i)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u32 = i };

	ports[i].worker = 0;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, ports[i].fd, &ev))
		say("epoll_ctl");
}

static void dispatch(int ep, int i)
{
	pid_t pid;

	epoll_ctl(ep, EPOLL_CTL_DEL, ports[i].fd, NULL);
	pid = fork();
	if (!pid) {
		session(ports[i].fd);
		_exit(0);
	}
	if (pid < 0) {
		say("fork");
		usleep(100000);
		return watch(ep, i);
	}
	ports[i].worker = pid;
}

static void reap(int ep)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (int i = 0; i < nr_ports; i++)
			if (ports[i].worker == pid)
				watch(ep, i);
}

int main(void)
{
	int ep, sfd;
	sigset_t chld;
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = MAX_PORTS };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	write_file("/proc/self/oom_score_adj", "-1000");
	if (chdir("/"))
		say("/");
	open_ports();
	ep = epoll_create1(EPOLL_CLOEXEC);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sfd = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, sfd, &ev))
		say("epoll_ctl");
	for (int i = 0; i < nr_ports; i++)
		watch(ep, i);
	fprintf(stderr, "rig-agent: ready, %d ports\n", nr_ports);

	for (;;) {
		struct signalfd_siginfo si;

		if (epoll_wait(ep, &ev, 1, -1) < 1)
			continue;
		if (ev.data.u32 == MAX_PORTS) {
			while (read(sfd, &si, sizeof(si)) > 0)
				;
			reap(ep);
		} else if (!(ev.events & EPOLLHUP)) {
			dispatch(ep, ev.data.u32);
		}
	}
}
