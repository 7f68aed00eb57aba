// SPDX-License-Identifier: GPL-2.0
/*
 * What a process is stays over an exec: id, parent, descriptors but for those marked close-on-exec,
 * directory, umask, nice value, limits, parent-death signal, no_new_privs. Its name, its command
 * line and its environment are the new program's.
 */
#include "../exec.h"
#include <limits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static ssize_t slurp(const char *path, char *to, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, len - 1);

	if (fd >= 0)
		close(fd);
	to[n > 0 ? n : 0] = 0;
	return n;
}

static int after_exec(const char *stage, int argc, char **argv)
{
	char text[PATH_MAX], exe[PATH_MAX] = "";
	struct rlimit limit;
	int sig;

	(void)stage;
	CHECK(argc == 3);
	CHECK(getpid() == atoi(argv[1]) && gettid() == getpid());
	CHECK(getppid() == atoi(argv[2]));
	CHECK(fcntl(20, F_GETFD) == 0);
	CHECK(fcntl(21, F_GETFD) == -1 && errno == EBADF);
	CHECK(lseek(20, 0, SEEK_CUR) == 3);
	CHECK(getcwd(text, sizeof(text)) && !strcmp(text, "/usr"));
	CHECK(umask(022) == 031);
	CHECK(getpriority(PRIO_PROCESS, 0) == 7);
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur == 333);
	CHECK(!prctl(PR_GET_PDEATHSIG, &sig) && sig == SIGUSR2);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	/* the name is that of the file */
	CHECK(!prctl(PR_GET_NAME, text) && strcmp(text, "before"));
	CHECK(slurp("/proc/self/cmdline", text, sizeof(text)) > 0 && !strcmp(text, "self"));
	CHECK(slurp("/proc/self/environ", text, sizeof(text)) > 0);
	CHECK(!strcmp(text, "EXEC_STAGE=keeps"));
	CHECK(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	CHECK(strstr(exe, "exec_keeps"));
	CHECK(slurp("/proc/self/maps", text, sizeof(text)) > 0 && strstr(text, "exec_keeps"));
	return 0;
}

static int child(struct __test_metadata *_metadata)
{
	char pid[16], ppid[16], *argv[] = { "self", pid, ppid, NULL };
	struct rlimit limit = { 333, 333 };
	int fd;

	move_begin();
	fd = open("data", O_CREAT | O_RDWR | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, "abc", 3) == 3);
	CHECK(dup2(fd, 20) == 20 && dup3(fd, 21, O_CLOEXEC) == 21);
	move_here();
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(ppid, sizeof(ppid), "%d", getppid());
	CHECK(!chdir("/usr"));
	umask(031);
	CHECK(!setpriority(PRIO_PROCESS, 0, 7));
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	CHECK(!prctl(PR_SET_PDEATHSIG, SIGUSR2));
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	prctl(PR_SET_NAME, "before");
	return exec_self_env("keeps", argv, NULL);
}

MOVE_TEST(exec_keeps)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, exec_verdict(pid));
}
