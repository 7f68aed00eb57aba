// SPDX-License-Identifier: GPL-2.0
/*
 * The surrogate helper: nursery of one home node (kernel/nursery.c), started by the module.
 *
 * It puts itself into namespaces of its own with an empty root, as process 1 of its pid
 * namespace, and clones a child for each arrival. The child has the pid of the process at home and
 * its clocks, and becomes the surrogate. When the helper ends, the kernel kills what is left in the
 * pid namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/procmig.h>
#include <linux/sched.h>

#define NS_PER_S 1000000000LL

/* The log is the only place to complain to. */
static void complain(const char *what)
{
	int err = errno, fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dprintf(fd, "procmig-surrogate: %s: %s\n", what, strerror(err));
	close(fd);
}

static noreturn void die(const char *what)
{
	complain(what);
	exit(1);
}

/* The clocks of the next child: a time namespace takes effect for children only. */
static int set_clocks(int self, const struct procmig_spawn *spawn)
{
	const struct { const char *name; long long ns; } clocks[] = {
		{ "monotonic", spawn->mono }, { "boottime", spawn->boot },
	};
	char text[64];
	size_t i;
	int fd, len, ret = 0;

	if (unshare(CLONE_NEWTIME))
		return -1;
	fd = openat(self, "timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (i = 0; i < 2 && !ret; i++) {
		long long s = clocks[i].ns / NS_PER_S, ns = clocks[i].ns % NS_PER_S;

		if (ns < 0) {
			ns += NS_PER_S;
			s--;
		}
		len = snprintf(text, sizeof(text), "%s %lld %lld\n", clocks[i].name, s, ns);
		if (write(fd, text, len) != len)
			ret = -1;
	}
	close(fd);
	return ret;
}

static pid_t clone_with_pid(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* A predecessor with the same pid may still be on its way out. */
static pid_t clone_patiently(pid_t pid)
{
	struct timespec pause = { .tv_nsec = 200000 };
	pid_t child;
	int i;

	for (i = 0; i < 1000; i++) {
		child = clone_with_pid(pid);
		if (child >= 0 || errno != EEXIST)
			return child;
		nanosleep(&pause, NULL);
		pause.tv_nsec = pause.tv_nsec < 2500000 ? 2 * pause.tv_nsec : 5000000;
	}
	return -1;
}

static void spawn_one(int dev, int self, const struct procmig_spawn *spawn)
{
	pid_t child = -1;

	if (set_clocks(self, spawn))
		complain("cannot set the clocks of a surrogate");
	else
		child = clone_patiently(spawn->pid);
	if (child > 0)
		return;
	if (child == 0) {
		ioctl(dev, PROCMIG_IOC_BECOME, &spawn->ticket);
		_exit(1);	/* reached only if it was refused */
	}
	if (errno)
		complain("cannot make a surrogate");
	ioctl(dev, PROCMIG_IOC_FAILED, &spawn->ticket);
}

/* Nothing of this machine's files is to be seen from here. */
static void empty_root(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("procmig", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "size=4k,mode=555") ||
	    chdir("/tmp") || chroot(".") ||
	    mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		die("cannot make an empty root");
}

static void serve(int dev)
{
	struct procmig_spawn spawn;
	int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		die("/proc/self");
	empty_root();
	for (;;) {
		if (!ioctl(dev, PROCMIG_IOC_NEXT, &spawn))
			spawn_one(dev, self, &spawn);
		else if (errno != EINTR)
			break;
	}
}

int main(int argc, char **argv)
{
	unsigned long home = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	pid_t child;
	int dev;

	if (!home) {
		fprintf(stderr, "%s is run by the procmig module only\n", argv[0]);
		return 2;
	}
	dev = open("/dev/procmig", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		die("/dev/procmig");
	if (ioctl(dev, PROCMIG_IOC_SERVE, home))
		die("cannot serve");
	signal(SIGCHLD, SIG_IGN);
	if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET))
		die("cannot make namespaces");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		serve(dev);
	return 0;
}
