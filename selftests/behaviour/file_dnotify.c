// SPDX-License-Identifier: GPL-2.0
/* F_NOTIFY: a signal when something happens in a directory. */
#include "../move.h"
#include <sys/stat.h>

static volatile sig_atomic_t told, told_fd;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	told_fd = info->si_fd;
	told++;
}

/* Wait for signal number @n. */
static void wait_told(int n)
{
	while (told < n)
		usleep(1000);
}

static void touch(const char *path)
{
	close(open(path, O_WRONLY | O_CREAT, 0600));
}

/* Does each thing that it is told to do, and says so. */
static int other(int go, int done)
{
	char what;

	while (read(go, &what, 1) == 1) {
		if (what == 'c')
			touch("dir/made");
		else
			unlink("dir/made");
		if (write(done, &what, 1) != 1)
			return 1;
	}
	return 0;
}

MOVE_TEST(file_dnotify)
{
	int dir, go[2], done[2];
	char what;
	pid_t pid;

	ASSERT_EQ(0, mkdir("dir", 0700));
	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(done));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		_exit(other(go[0], done[1]));
	}
	close(go[0]);
	close(done[1]);
	told = 0;
	on_signal(SIGRTMIN + 3, handler, SA_RESTART);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, dir);
	move_begin();
	move_here();
	EXPECT_EQ(0, fcntl(dir, F_SETSIG, SIGRTMIN + 3));
	EXPECT_EQ(0, fcntl(dir, F_NOTIFY, DN_CREATE | DN_DELETE | DN_MULTISHOT));
	EXPECT_EQ(1, write(go[1], "c", 1));
	EXPECT_EQ(1, read(done[0], &what, 1));
	wait_told(1);
	EXPECT_EQ(dir, told_fd);
	move_here();
	EXPECT_EQ(1, write(go[1], "d", 1));
	EXPECT_EQ(1, read(done[0], &what, 1));
	wait_told(2);
	EXPECT_EQ(0, fcntl(dir, F_NOTIFY, 0));
	EXPECT_EQ(0, close(dir));
	move_end();
	close(go[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(done[0]);
	signal(SIGRTMIN + 3, SIG_DFL);
	EXPECT_EQ(0, rmdir("dir"));
}
