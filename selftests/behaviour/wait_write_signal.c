// SPDX-License-Identifier: GPL-2.0
/*
 * A handler ends a write() that waits: it tells how much it has written, which is what the reader gets,
 * however often the program has moved before the signal came.
 */
#include "../move.h"
#include <sys/time.h>

#define BYTES	(2 << 20)

static uint64_t data[BYTES / 8];
static volatile int count;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	count++;
}

/* Takes half a MiB, and the rest when it is asked to. Return: whether it was @want in all. */
static int reader(int fd, int go)
{
	static uint64_t got[BYTES / 8 + 1];
	size_t n = 0, want = 0;
	ssize_t ret;

	while (n < BYTES / 4 && (ret = read(fd, (char *)got + n, BYTES / 4 - n)) > 0) {
		n += ret;
		sleep_ms(10);
	}
	if (read(go, &want, sizeof(want)) != sizeof(want))
		return 1;
	while ((ret = read(fd, (char *)got + n, sizeof(got) - n)) > 0)
		n += ret;
	if (n != want || pattern_check(got, want & ~7UL, 1) != -1) {
		fprintf(stderr, "# read %zu, written %zu\n", n, want);
		return 2;
	}
	return 0;
}

MOVE_TEST(wait_write_signal)
{
	struct itimerval it = { .it_value.tv_usec = 700000, .it_interval.tv_usec = 700000 };
	int fds[2], go[2];
	ssize_t n;
	pid_t pid;

	count = 0;
	pattern_fill(data, BYTES, 1);
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		close(go[1]);
		_exit(reader(fds[0], go[0]));
	}
	close(fds[0]);
	close(go[0]);
	on_signal(SIGALRM, handler, 0);
	move_begin();
	move_later(200);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	do
		n = write(fds[1], data, BYTES);
	while (n == -1 && errno == EINTR);
	memset(&it, 0, sizeof(it));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_LE(1, count);
	EXPECT_LT(0, n);
	EXPECT_GT(BYTES, n);
	move_wait();
	close(fds[1]);
	EXPECT_EQ(sizeof(n), write(go[1], &n, sizeof(n)));
	close(go[1]);
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	signal(SIGALRM, SIG_DFL);
}
