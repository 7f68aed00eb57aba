// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID at home tells of a program what it would if it had never moved: it runs while it computes
 * and sleeps while it waits; its memory grows where it is; its CPU time as well.
 */
#include "../move.h"
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define BYTES	(24 << 20)

static void child(struct __test_metadata *_metadata, int out, int in)
{
	int moves;
	volatile unsigned long n = 0;
	char byte = 'a', *p;

	move_begin();
	for (moves = 0; moves < 5; moves++)
		move_here();
	move_stay();
	/* mapped and touched where it is now */
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, BYTES);
	if (write(out, &byte, 1) != 1 || write(out, &p, sizeof(p)) != sizeof(p))
		_exit(2);
	while (!n || recv(in, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 1)
		for (n = 1; n < 400000000; n++)
			;
	if (read(in, &byte, 1) != 1 || write(out, &byte, 1) != 1)
		_exit(3);
	_exit(read(in, &byte, 1) == 1 ? 0 : 4);
}

static long slurp(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return n;
}

struct stat_line {
	char state;
	unsigned long ticks, size, pages;
};

static struct stat_line stat_of(pid_t pid)
{
	unsigned long utime = 0, stime = 0;
	struct stat_line line = { 0 };
	char buf[1024], *p;

	if (slurp(pid, "stat", buf, sizeof(buf)) <= 0)
		abort();
	p = strrchr(buf, ')');
	if (!p || sscanf(p + 2, "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d "
			 "%*d %*d %*d %*u %lu %lu", &line.state, &utime, &stime, &line.size,
			 &line.pages) != 5)
		abort();
	line.ticks = utime + stime;
	return line;
}

/* Does /proc/PID/maps have a line with all of [@start, @start + @len) and with this text? */
static int mapped(pid_t pid, char *start, size_t len, const char *perms, const char *text)
{
	char path[64], line[8192], is[8];
	unsigned long from, to;
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, is) == 3 && from <= (unsigned long)start &&
		    (unsigned long)start + len <= to && !strcmp(is, perms) && strstr(line, text))
			found++;
	if (f)
		fclose(f);
	return found;
}

/* What the line "NAME:" of status says, in KiB; or its first letter. */
static long status_of(pid_t pid, const char *name)
{
	char buf[4096], *p;

	if (slurp(pid, "status", buf, sizeof(buf)) <= 0)
		abort();
	p = strstr(buf, name);
	if (!p)
		return -1;
	p += strlen(name);
	while (*p == ' ' || *p == '\t')
		p++;
	return *p >= '0' && *p <= '9' ? atol(p) : *p;
}

/* True as soon as it is in this state; it need not be all the time. */
static int becomes(pid_t pid, char state)
{
	int64_t end = now_ms() + 20000 * move_slow();

	while (now_ms() < end) {
		if (stat_of(pid).state == state)
			return 1;
		usleep(10000);
	}
	return 0;
}

MOVE_TEST(proc_seen)
{
	struct stat_line first, then;
	int out[2], in[2], i;
	char text[256], byte, *p;
	unsigned long a, b;
	pid_t pid;

	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, in));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		child(_metadata, out[1], in[0]);
	ASSERT_EQ(1, read(out[0], &byte, 1));
	ASSERT_EQ(sizeof(p), read(out[0], &p, sizeof(p)));
	/* what it has mapped where it is, and what it was born with */
	EXPECT_EQ(1, mapped(pid, p, BYTES, "rw-p", " 00:00 0"));
	EXPECT_EQ(1, mapped(pid, (char *)mapped, 1, "r-xp", "/proc_seen"));
	EXPECT_EQ(1, mapped(pid, sbrk(0) - 1, 1, "rw-p", "[heap]"));
	EXPECT_EQ(1, mapped(pid, (char *)&pid, sizeof(pid), "rw-p", "[stack]"));
	EXPECT_EQ(1, mapped(pid, (char *)getauxval(AT_SYSINFO_EHDR), 4096, "r-xp", "[vdso]"));
	/* as of a process that has not moved: some kernels have that page, some do not */
	p = (char *)0xffffffffff600000;
	EXPECT_EQ(mapped(getpid(), p, 4096, "--xp", "[vsyscall]"),
		  mapped(pid, p, 4096, "--xp", "[vsyscall]"));
	EXPECT_EQ(mapped(getpid(), p, 4096, "r-xp", "[vsyscall]"),
		  mapped(pid, p, 4096, "r-xp", "[vsyscall]"));
	/* it computes: running, nearly always */
	EXPECT_TRUE(becomes(pid, 'R'));
	first = stat_of(pid);
	EXPECT_LE(BYTES, first.size);
	EXPECT_LE(BYTES / 4096, first.pages);
	EXPECT_GE(200000, first.pages);
	EXPECT_LE(BYTES / 1024, status_of(pid, "\nVmSize:"));
	EXPECT_LE(BYTES / 1024, status_of(pid, "\nVmRSS:"));
	EXPECT_LE(status_of(pid, "\nVmRSS:"), status_of(pid, "\nVmHWM:"));
	EXPECT_EQ(1, status_of(pid, "\nThreads:"));
	EXPECT_LT(0, slurp(pid, "statm", text, sizeof(text)));
	EXPECT_EQ(2, sscanf(text, "%lu %lu", &a, &b));
	EXPECT_LE(BYTES / 4096, a);
	EXPECT_LE(BYTES / 4096, b);
	for (i = 0; i < 100 && status_of(pid, "\nState:") != 'R'; i++)
		usleep(10000);
	EXPECT_EQ('R', status_of(pid, "\nState:"));
	for (i = 0; i < 100; i++) {
		EXPECT_LE(0, slurp(pid, "syscall", text, sizeof(text)));
		if (!strcmp(text, "running\n"))
			break;
		usleep(10000);
	}
	EXPECT_GT(100, i);
	for (i = 0; i < 100; i++) {
		EXPECT_LE(0, slurp(pid, "wchan", text, sizeof(text)));
		if (!strcmp(text, "0"))
			break;
		usleep(10000);
	}
	EXPECT_GT(100, i);
	for (i = 0; i < 100 && (then = stat_of(pid)).ticks < first.ticks + 20; i++)
		sleep_ms(100);
	EXPECT_LE(first.ticks + 20, then.ticks);
	/* it waits for us: asleep, in read() */
	EXPECT_EQ(1, write(in[1], "w", 1));
	EXPECT_EQ(1, read(out[0], &byte, 1));
	EXPECT_TRUE(becomes(pid, 'S'));
	for (i = 0; i < 200; i++) {
		EXPECT_LE(0, slurp(pid, "syscall", text, sizeof(text)));
		if (!strncmp(text, "0 0x", 4))
			break;
		usleep(10000);
	}
	EXPECT_GT(200, i);
	EXPECT_EQ('S', stat_of(pid).state);
	EXPECT_EQ(1, write(in[1], "e", 1));
	EXPECT_EQ(0, wait_for(pid));
	close(out[0]);
	close(out[1]);
	close(in[0]);
	close(in[1]);
}
