// SPDX-License-Identifier: GPL-2.0
/*
 * refuse KIND - be a process that cannot move
 *
 * Prints the pid of the process, which may be a child, when it is what KIND says, and goes on until
 * standard input ends. Without KIND, prints all kinds. The directory `files` is not in memory that can
 * be shared otherwise, `disk` has files of a disk.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE	8192

static pid_t subject;

static void *map(int flags, int fd)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(2, "mmap");
	return p;
}

static int file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, SIZE))
		err(2, "%s", path);
	return fd;
}

/* A child that waits, which becomes the subject. */
static void child(void)
{
	subject = fork();
	if (subject < 0)
		err(2, "fork");
	if (subject)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void traced(void)
{
	child();
	if (ptrace(PTRACE_SEIZE, subject, 0, 0))
		err(2, "ptrace");
}

static int waits(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

static void shares_all(void)
{
	static char stack[65536];

	if (clone(waits, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		err(2, "clone");
}

/* Its parent is a child of ours. */
static void in_vfork(void)
{
	static volatile pid_t *pid;

	pid = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!vfork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			*pid = getpid();
			for (;;)
				pause();
		}
		_exit(0);
	}
	while (!*pid)
		usleep(1000);
	subject = *pid;
}

static void uring(void)
{
	struct io_uring_params params = { 0 };

	if (syscall(SYS_io_uring_setup, 4, &params) < 0)
		err(2, "io_uring_setup");
}

static void ports(void)
{
	if (ioperm(0x80, 1, 1))
		err(2, "ioperm");
}

static void dispatch(void)
{
	static char selector;

	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 4096, 1L << 62, &selector))
		err(2, "prctl");
}

static void in_namespace(int flag)
{
	if (unshare(flag))
		err(2, "unshare");
	child();
}

static void pids(void)
{
	in_namespace(CLONE_NEWPID);
}

static void times(void)
{
	in_namespace(CLONE_NEWTIME);
}

/* A system call as 32-bit code makes it. */
static void call32(long nr, const void *arg, long second, long size)
{
	long ret = nr;

	asm volatile("int $0x80" : "+a" (ret) : "b" (arg), "c" (second), "d" (0L), "S" (size) :
		     "memory", "r8", "r9", "r10", "r11");
	if (ret < 0)
		errx(2, "32-bit call %ld: error %ld", nr, ret);
}

/* @size bytes where 32-bit code can see them. */
static void *low(const void *data, size_t size)
{
	return memcpy(map(MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1), data, size);
}

static void robust32(void)
{
	unsigned int list[3] = { 0 };

	call32(311, low(list, sizeof(list)), sizeof(list), 0);
}

static void handler32(void)
{
	unsigned int action[5] = { 4096 };

	/* of SIGUSR1 */
	call32(174, (void *)10L, (long)low(action, sizeof(action)), 8);
}

static void segments(void)
{
	struct user_desc desc = { .entry_number = -1, .limit = 1, .seg_32bit = 1 };

	call32(243, low(&desc, sizeof(desc)), 0, 0);
}

static const char *self;

static void code32(void)
{
	char path[4096 + sizeof("/code32")], byte;
	int fds[2];

	snprintf(path, 4096, "%s", self);
	strcat(dirname(path), "/code32");
	if (pipe2(fds, O_CLOEXEC))
		err(2, "pipe2");
	subject = fork();
	if (!subject) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(path, path, NULL);
		err(2, "%s", path);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) || kill(subject, 0))
		err(2, "%s", path);
}

static void tsc(void)
{
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV))
		err(2, "prctl");
}

static void aio(void)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 1, &context))
		err(2, "io_setup");
}

static void ldt(void)
{
	struct user_desc desc = { .limit = 1, .seg_32bit = 1, .contents = 0 };

	if (syscall(SYS_modify_ldt, 1, &desc, sizeof(desc)))
		err(2, "modify_ldt");
}

static void huge(void)
{
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY);

	if (fd < 0 || write(fd, "4", 1) != 1)
		err(2, "nr_hugepages");
	if (mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) ==
	    MAP_FAILED)
		err(2, "huge pages");
}

static void device(void)
{
	glob_t found;
	size_t i;
	int fd;

	if (glob("/sys/bus/pci/devices/*/resource[0-9]", 0, NULL, &found))
		errx(2, "no devices");
	for (i = 0; i < found.gl_pathc; i++) {
		fd = open(found.gl_pathv[i], O_RDWR);
		if (fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
			return;
	}
	errx(2, "no memory of a device");
}

static void faults(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { (unsigned long)map(MAP_PRIVATE | MAP_ANONYMOUS, -1), SIZE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, 0);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg))
		err(2, "userfaultfd");
}

/* Its parent cannot move. */
static void shares(void)
{
	map(MAP_SHARED | MAP_ANONYMOUS, -1);
	child();
	ldt();
}

static void memfd(void)
{
	int fd = memfd_create("open", 0);
	char path[64];

	if (fd < 0 || ftruncate(fd, SIZE))
		err(2, "memfd_create");
	map(MAP_SHARED, fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file(path);
}

/* Its parent has it open. */
static void named(void)
{
	file("/dev/shm/procmig-refuse");
	subject = fork();
	if (subject)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	map(MAP_SHARED, file("/dev/shm/procmig-refuse"));
	for (;;)
		pause();
}

static void sysv(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0600);

	if (id < 0 || shmat(id, NULL, 0) == (void *)-1 ||
	    shmat(id, NULL, SHM_RDONLY) == (void *)-1 || shmctl(id, IPC_RMID, NULL))
		err(2, "shmget");
}

static void written(void)
{
	map(MAP_SHARED, file("files/written"));
}

static void big(void)
{
	int fd = file("disk/big");

	if (ftruncate(fd, 65 << 20))
		err(2, "disk/big");
	map(MAP_SHARED, fd);
}

static void names(void)
{
	map(MAP_SHARED, file("disk/one"));
	if (link("disk/one", "disk/two"))
		err(2, "disk/two");
}

static void child_ids(void)
{
	if (unshare(CLONE_NEWPID))
		err(2, "unshare");
}

static void child_time(void)
{
	if (unshare(CLONE_NEWTIME))
		err(2, "unshare");
}

static void sealed(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, SIZE))
		err(2, "memfd_create");
	map(MAP_SHARED, fd);
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE))
		err(2, "F_ADD_SEALS");
}

static void ended(void)
{
	siginfo_t info;

	subject = fork();
	if (!subject)
		_exit(0);
	waitid(P_PID, subject, &info, WEXITED | WNOWAIT);
}

static const struct {
	const char *name;
	void (*become)(void);
} kinds[] = {
	{ "traced", traced }, { "vfork", in_vfork }, { "vm", shares_all }, { "io_uring", uring },
	{ "ports", ports }, { "dispatch", dispatch }, { "pidns", pids }, { "timens", times },
	{ "ldt", ldt }, { "hugetlb", huge }, { "device", device }, { "userfaultfd", faults },
	{ "shared", shares }, { "memfd", memfd }, { "named", named }, { "sysv", sysv },
	{ "file", written }, { "ended", ended }, { "code32", code32 }, { "robust32", robust32 },
	{ "handler32", handler32 }, { "segments", segments }, { "tsc", tsc }, { "aio", aio },
	{ "big", big }, { "names", names }, { "sealed", sealed },
	{ "childpidns", child_ids }, { "childtimens", child_time },
};

int main(int argc, char **argv)
{
	size_t i;
	char byte;

	self = argv[0];
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (argc < 2)
			puts(kinds[i].name);
		if (argc < 2 || strcmp(kinds[i].name, argv[1]))
			continue;
		subject = getpid();
		kinds[i].become();
		printf("%d\n", subject);
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		if (subject != getpid())
			kill(subject, SIGKILL);
		return 0;
	}
	return argc < 2 ? 0 : 2;
}
