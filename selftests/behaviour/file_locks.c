// SPDX-License-Identifier: GPL-2.0
/* fcntl, open-file-description and flock locks belong to the program wherever it runs. */
#include "../move.h"
#include <sys/file.h>

/* The other party, which never moves; answers what it finds at each byte. */
static int other(int in, int out)
{
	struct flock fl;
	int fd = open("file", O_RDWR);
	char byte, found;

	while (read(in, &byte, 1) == 1) {
		fl = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
		if (byte == 'p' && fcntl(fd, F_GETLK, &fl))
			return 1;
		if (byte == 'p')
			found = fl.l_type == F_UNLCK ? 'u' :
				fl.l_pid == getppid() ? 'm' : '?';
		else
			found = !flock(fd, LOCK_EX | LOCK_NB) ? 'u' :
				errno == EWOULDBLOCK ? 'm' : '?';
		if (found == 'u' && byte == 'f')
			flock(fd, LOCK_UN);
		if (write(out, &found, 1) != 1)
			return 1;
	}
	return 0;
}

static char ask(int to, int from, char what)
{
	char answer = 0;

	if (write(to, &what, 1) != 1 || read(from, &answer, 1) != 1)
		abort();
	return answer;
}

MOVE_TEST(file_locks)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	int to[2], from[2], fd;
	pid_t pid;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(to[1]);
		close(fd);
		_exit(other(to[0], from[1]));
	}
	close(to[0]);
	ASSERT_EQ(0, fcntl(fd, F_SETLK, &fl));
	move_begin();
	move_here();
	EXPECT_EQ('m', ask(to[1], from[0], 'p'));
	EXPECT_EQ('u', ask(to[1], from[0], 'f'));
	EXPECT_EQ(0, flock(fd, LOCK_EX));
	EXPECT_EQ('m', ask(to[1], from[0], 'f'));
	EXPECT_EQ(0, flock(fd, LOCK_UN));
	fl.l_type = F_UNLCK;
	EXPECT_EQ(0, fcntl(fd, F_SETLKW, &fl));
	EXPECT_EQ('u', ask(to[1], from[0], 'p'));
	fl.l_type = F_WRLCK;
	EXPECT_EQ(0, fcntl(fd, F_SETLKW, &fl));
	move_here();
	EXPECT_EQ('m', ask(to[1], from[0], 'p'));
	/* Locks of a process go with the first close. */
	EXPECT_EQ(0, close(dup(fd)));
	EXPECT_EQ('u', ask(to[1], from[0], 'p'));
	move_end();
	close(to[1]);
	EXPECT_EQ(0, wait_for(pid));
	close(from[0]);
	close(from[1]);
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
