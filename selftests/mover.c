// SPDX-License-Identifier: GPL-2.0
/*
 * mover - run a test program and move it
 *
 *	mover [-t SECONDS] [-s SEED] MODE PROGRAM [ARG...]
 *
 * MODE:
 *	home	never moved
 *	once	moved to node 2 at its move point
 *	bounce	moved between node 2 and home, 20 times, at random moments
 *	third	home, 2, 3; then home, 2, 3, home
 *
 * The program says when it may be moved (move.h). The exit status is the
 * program's, 124 when it took too long, 125 when a move failed, did not happen or
 * left it somewhere else than asked. SIGALRM ends a mover that hangs itself.
 */
#define _GNU_SOURCE
#define MOVER
#include "move.h"

#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "gone.h"

#define HOME		0
#define BOUNCES		20
#define BOUNCE_GAP_MS	40
#define BUSY_MS		20000
#define PLACE_MS	1000

enum mode { MODE_HOME, MODE_ONCE, MODE_BOUNCE, MODE_THIRD };

static const char * const mode_names[] = { "home", "once", "bounce", "third" };

/* Where modes `once` and `third` go, by iteration of the body. */
static const int route_once[] = { 2, -1 };
static const int route_third[][4] = { { 2, 3, -1 }, { 2, 3, HOME, -1 } };

/**
 * struct subject - the process being moved
 * @pid: process, 0 for none
 * @node: where it is, 0 for home
 * @open: it may be moved at any moment
 * @due: when the next move shall happen in ms, 0 for none
 * @mark: MOVE_DONE is true once so many moves are over (bounce)
 * @route: what is left of the route, NULL for none
 */
struct subject {
	pid_t pid;
	int node;
	bool open;
	int64_t due;
	int mark;
	const int *route;
};

static enum mode mode;
static struct subject subject;
static bool recalled;
static int moves, failures, iteration, pending;
static pid_t program;
static int sock;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
	va_list ap;

	failures++;
	va_start(ap, fmt);
	dprintf(STDERR_FILENO, "# mover: ");
	vdprintf(STDERR_FILENO, fmt, ap);
	dprintf(STDERR_FILENO, "\n");
	va_end(ap);
}

static void __attribute__((noreturn)) give_up(const char *what)
{
	dprintf(STDERR_FILENO, "# mover: %s: %s\n", what, strerror(errno));
	if (program > 0)
		kill(program, SIGKILL);
	exit(125);
}

/* ---- one move ---- */

/* What keeps process @pid from moving to @node, in the module's words, and where its threads are. */
static void explain(pid_t pid, int node)
{
	char cmd[256], where[16] = "home";

	if (node != HOME)
		snprintf(where, sizeof(where), "%d", node);
	snprintf(cmd, sizeof(cmd),
		 "{ procmig migrate %d %s; procmig show %d; grep . /proc/%d/task/*/stack; } 2>&1 | sed 's/^/# mover: /' >&2",
		 pid, where, pid, pid);
	if (system(cmd))
		give_up("asking why it does not move");
}

static int write_node(pid_t pid, int node)
{
	char path[64], text[16];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	snprintf(text, sizeof(text), node == HOME ? "home" : "%d", node);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && kill(pid, 0) ? ESRCH : errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = errno;
	close(fd);
	return err;
}

/* The number in the line "KEY: NUMBER" of /proc/PID/migrate, -1 if there is none. */
static int read_number(pid_t pid, const char *key)
{
	char path[64], line[512];
	int value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/migrate", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) || line[strlen(key)] != ':')
			continue;
		sscanf(line + strlen(key) + 1, "%d", &value);
	}
	fclose(f);
	return value;
}

static void lose_subject(void)
{
	memset(&subject, 0, sizeof(subject));
}

/*
 * What the file says afterwards must be what was asked for. For a moment it may be about to end, or at
 * home for a call.
 */
static void check_place(pid_t pid, int node)
{
	int home, at, tries = PLACE_MS * move_slow() / 10;

	do {
		home = read_number(pid, "home");
		at = read_number(pid, "node");
		if ((home >= 0 && at == (node == HOME ? home : node)) || gone(pid))
			return;
		usleep(10000);
	} while (--tries);
	complain("process %d should be at node %d but is at %d (home %d)", pid, node, at, home);
}

static bool move_to(int node)
{
	int64_t end = now_ms() + BUSY_MS * move_slow();
	pid_t pid = subject.pid;
	bool told = false, dead = false;
	int err;

	/* one that waits for a child in vfork() is refused so long */
	while (((err = write_node(pid, node)) == EBUSY || err == EOPNOTSUPP) && now_ms() < end &&
	       !(dead = gone(pid))) {
		usleep(10000);
		/* before it is too late to ask */
		if (!told && now_ms() > end - BUSY_MS * move_slow() / 2) {
			told = true;
			explain(pid, node);
		}
	}
	/* it may have been on its way out */
	while (err == ESRCH && now_ms() < end && !(dead = gone(pid)))
		usleep(1000);
	/* for a moment of an exec by another thread than the first it looks so, too */
	if (err && (dead || gone(pid))) {
		lose_subject();
		return false;
	}
	if (err) {
		complain("moving process %d from node %d to %d: %s", pid, subject.node, node,
			 strerror(err));
		explain(pid, node);
		subject.open = false;
		subject.route = NULL;
		return false;
	}
	check_place(pid, node);
	subject.node = node;
	moves++;
	return true;
}

/* ---- what each mode makes of it ---- */

static void schedule_bounce(int max_ms)
{
	if (subject.open && moves < BOUNCES)
		subject.due = now_ms() + random() % (max_ms + 1) + 1;
	else
		subject.due = 0;
}

static void run_due(void)
{
	subject.due = 0;
	if (mode == MODE_BOUNCE) {
		if (subject.open)
			move_to(subject.node == HOME ? 2 : HOME);
		schedule_bounce(BOUNCE_GAP_MS);
		return;
	}
	while (subject.route && *subject.route >= 0 && move_to(*subject.route))
		subject.route++;
}

static bool is_done(void)
{
	if (mode == MODE_BOUNCE)
		return moves >= subject.mark || moves >= BOUNCES || !subject.open;
	return !subject.due;
}

static void answer(bool yes)
{
	char byte = yes;

	if (write(sock, &byte, 1) != 1 && errno != EPIPE)
		give_up("answering");
}

static void go_home(void)
{
	subject.open = false;
	subject.due = 0;
	if (subject.pid && subject.node != HOME)
		move_to(HOME);
}

static void begin(pid_t pid)
{
	if (subject.pid != pid) {
		subject.pid = pid;
		subject.node = HOME;
	}
	subject.open = true;
	subject.route = mode == MODE_ONCE ? route_once :
			mode == MODE_THIRD ? route_third[iteration & 1] : NULL;
	subject.mark = moves + 1;
	if (mode == MODE_BOUNCE)
		schedule_bounce(BOUNCE_GAP_MS);
}

/* Has the module brought it home by itself, for a system call? */
static bool was_recalled(pid_t pid)
{
	char line[256], *at;
	long recalls = 0;
	FILE *f;

	snprintf(line, sizeof(line), "procmig -j show %d 2>/dev/null", pid);
	f = popen(line, "r");
	if (!f)
		give_up("procmig show");
	while (fgets(line, sizeof(line), f)) {
		at = strstr(line, "\"recalls\":");
		if (at)
			recalls = atol(at + strlen("\"recalls\":"));
	}
	pclose(f);
	return recalls > 0;
}

static bool again(pid_t pid)
{
	bool want = mode == MODE_BOUNCE ? moves < BOUNCES && !failures :
		    mode == MODE_ONCE ? false : ++iteration < 2;

	if (subject.pid && mode == MODE_ONCE)
		recalled = was_recalled(subject.pid);
	if (subject.pid == pid && want)
		go_home();
	lose_subject();
	return want;
}

static void later(unsigned int ms)
{
	int64_t due = now_ms() + ms;

	subject.mark = moves + 1;
	if (mode != MODE_BOUNCE || (subject.due && due < subject.due))
		subject.due = due;
}

static void handle(const struct move_msg *msg)
{
	switch (msg->op) {
	case MOVE_BEGIN:
		begin(msg->pid);
		break;
	case MOVE_HERE:
		subject.mark = moves + 1;
		if (mode != MODE_BOUNCE)
			run_due();
		else if (!is_done()) {
			pending = MOVE_HERE;
			return;
		}
		break;
	case MOVE_LATER:
		if (mode != MODE_HOME)
			later(msg->ms);
		break;
	case MOVE_DONE:
		answer(is_done());
		return;
	case MOVE_WAIT:
		if (!is_done()) {
			pending = MOVE_WAIT;
			return;
		}
		break;
	case MOVE_END:
		if (mode != MODE_ONCE)
			go_home();
		subject.open = false;
		break;
	case MOVE_STAY:
		subject.open = false;
		subject.due = 0;
		break;
	case MOVE_AGAIN:
		answer(again(msg->pid));
		return;
	default:
		complain("unknown message %u", msg->op);
	}
	answer(true);
}

/* ---- the program ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void start(char **argv, int theirs)
{
	program = fork();
	if (program < 0)
		give_up("fork");
	if (program)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(theirs, MOVE_FD) != MOVE_FD)
		_exit(126);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "# mover: %s: %s\n", argv[0], strerror(errno));
	_exit(126);
}

/* Serve the program until it ends. Return: its wait status, -1 when it took too long. */
static int serve(int64_t end)
{
	struct pollfd pfd = { .fd = sock, .events = POLLIN };
	struct move_msg msg;
	int64_t now, wake;
	int status;

	for (;;) {
		now = now_ms();
		if (waitpid(program, &status, WNOHANG) == program)
			return status;
		if (now >= end)
			return -1;
		if (subject.due && subject.due <= now)
			run_due();
		if (pending && is_done()) {
			pending = 0;
			answer(true);
		}
		wake = subject.due ? subject.due - now : 500;
		if (poll(&pfd, 1, wake < 0 ? 0 : wake > 500 ? 500 : wake) <= 0)
			continue;
		if (read(sock, &msg, sizeof(msg)) == sizeof(msg)) {
			handle(&msg);
			continue;
		}
		/* Everybody has closed it: the program ends or has ended. */
		pfd.fd = -1;
		while (waitpid(program, &status, WNOHANG) != program) {
			if (now_ms() >= end)
				return -1;
			usleep(1000);
		}
		return status;
	}
}

/* With what it forked; the harness makes each test a process group. */
static void kill_subject(void)
{
	pid_t group = subject.pid ? getpgid(subject.pid) : -1;

	if (group > 0 && group != getpgrp())
		kill(-group, SIGKILL);
	else if (subject.pid)
		kill(subject.pid, SIGKILL);
}

static bool moved_enough(void)
{
	static const int least[] = { 0, 1, BOUNCES, 3 };

	return moves >= least[mode];
}

static int verdict(int status, unsigned int seed)
{
	fprintf(stderr, "# mover: mode %s, %d moves%s, seed %u\n", mode_names[mode], moves,
		recalled ? ", recalled" : "", seed);
	if (status == -1) {
		fprintf(stderr, "# mover: it took too long\n");
		return 124;
	}
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "# mover: the program died of signal %d\n", WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	if (!moved_enough())
		complain("only %d moves happened", moves);
	return failures ? 125 : 0;
}

static void usage(void)
{
	fprintf(stderr, "use: mover [-t SECONDS] [-s SEED] home|once|bounce|third PROGRAM [ARG...]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/move.XXXXXX", path[PATH_MAX];
	unsigned int seed = time(NULL) ^ getpid();
	int opt, pair[2], seconds = 90, status;

	while ((opt = getopt(argc, argv, "+t:s:")) != -1) {
		if (opt == 't')
			seconds = atoi(optarg);
		else if (opt == 's')
			seed = strtoul(optarg, NULL, 10);
		else
			usage();
	}
	argv += optind;
	if (argc - optind < 2)
		usage();
	while (strcmp(mode_names[mode], argv[0]))
		if (++mode > MODE_THIRD)
			usage();
	srandom(seed);
	signal(SIGPIPE, SIG_IGN);
	/* if it is itself what hangs */
	alarm(seconds + 15);
	if (!realpath(argv[1], path))
		give_up(argv[1]);
	argv[1] = path;
	if (!mkdtemp(dir) || chmod(dir, 0777) || chdir(dir))
		give_up(dir);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		give_up("socketpair");
	sock = pair[0];
	start(argv + 1, pair[1]);
	close(pair[1]);
	status = serve(now_ms() + seconds * 1000LL);
	if (status == -1) {
		kill(program, SIGKILL);
		kill_subject();
	}
	if (chdir("/") || nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		fprintf(stderr, "# mover: %s is left behind: %s\n", dir, strerror(errno));
	return verdict(status, seed);
}
