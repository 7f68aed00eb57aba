// SPDX-License-Identifier: GPL-2.0
/*
 * A lease: who opens the file waits until its holder, who is told by a signal, lets go. One to read, and one
 * to write.
 */
#include "../move.h"

static volatile sig_atomic_t broken, broken_fd;

static void handler(int sig, siginfo_t *info, void *ctx)
{
	broken = sig;
	broken_fd = info->si_fd;
}

/* Opens the file when told to: to write ('o'), for which it waits; to read, without ('n'); and tells that. */
static int opener(int go, int done)
{
	char how;
	int fd;

	while (read(go, &how, 1) == 1) {
		fd = open("file", how == 'o' ? O_WRONLY : O_RDONLY | O_NONBLOCK);
		if (how == 'o' ? fd < 0 : fd >= 0 || errno != EWOULDBLOCK)
			return 1;
		if (fd >= 0)
			close(fd);
		if (write(done, &how, 1) != 1)
			return 1;
	}
	return 0;
}

MOVE_TEST(file_lease)
{
	int fd, go[2], done[2];
	char byte = 0;
	pid_t pid;

	fd = open("file", O_RDONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(done));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		close(fd);
		_exit(opener(go[0], done[1]));
	}
	close(go[0]);
	close(done[1]);
	broken = 0;
	on_signal(SIGRTMIN + 2, handler, SA_RESTART);
	move_begin();
	move_here();
	EXPECT_EQ(0, fcntl(fd, F_SETSIG, SIGRTMIN + 2));
	EXPECT_EQ(SIGRTMIN + 2, fcntl(fd, F_GETSIG));
	EXPECT_EQ(0, fcntl(fd, F_SETLEASE, F_RDLCK));
	EXPECT_EQ(F_RDLCK, fcntl(fd, F_GETLEASE));
	EXPECT_EQ(1, write(go[1], "o", 1));
	while (!broken)
		usleep(1000);
	EXPECT_EQ(SIGRTMIN + 2, broken);
	EXPECT_EQ(fd, broken_fd);
	/* it has been asked to let go, and still has it */
	EXPECT_EQ(F_UNLCK, fcntl(fd, F_GETLEASE));
	move_here();
	EXPECT_EQ(0, fcntl(fd, F_SETLEASE, F_UNLCK));
	EXPECT_EQ(1, read(done[0], &byte, 1));
	EXPECT_EQ('o', byte);
	/* one to write, which nobody else may have open: also who wants to read has it asked for */
	broken = 0;
	/* the signal went with the other one */
	EXPECT_EQ(0, fcntl(fd, F_SETSIG, SIGRTMIN + 2));
	EXPECT_EQ(0, fcntl(fd, F_SETLEASE, F_WRLCK));
	EXPECT_EQ(F_WRLCK, fcntl(fd, F_GETLEASE));
	move_here();
	EXPECT_EQ(1, write(go[1], "n", 1));
	EXPECT_EQ(1, read(done[0], &byte, 1));
	EXPECT_EQ('n', byte);
	while (!broken)
		usleep(1000);
	EXPECT_EQ(fd, broken_fd);
	EXPECT_EQ(F_RDLCK, fcntl(fd, F_GETLEASE));
	EXPECT_EQ(0, fcntl(fd, F_SETLEASE, F_UNLCK));
	move_end();
	close(go[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(done[0]);
	close(fd);
	signal(SIGRTMIN + 2, SIG_DFL);
	EXPECT_EQ(0, unlink("file"));
}
