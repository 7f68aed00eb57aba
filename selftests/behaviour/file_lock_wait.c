// SPDX-License-Identifier: GPL-2.0
/* The program waits for a lock of another process, is moved meanwhile, and gets it. */
#include "../move.h"
#include <sys/file.h>

/* Holds both locks until told. */
static int holder(int ready, int go)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("file", O_RDWR);
	char byte = 'r';

	if (fd < 0 || fcntl(fd, F_SETLK, &fl) || flock(fd, LOCK_EX) ||
	    write(ready, &byte, 1) != 1)
		return 1;
	/* all the same if the other has been told already */
	sleep_ms(500);
	fl.l_type = F_UNLCK;
	if (read(go, &byte, 1) != 0 || fcntl(fd, F_SETLK, &fl))
		return 2;
	sleep_ms(300);
	return flock(fd, LOCK_UN);
}

MOVE_TEST(file_lock_wait)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd, ready[2], go[2];
	char byte;
	pid_t pid;

	fd = open("file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		close(fd);
		_exit(holder(ready[1], go[0]));
	}
	close(go[0]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	move_begin();
	EXPECT_EQ(-1, fcntl(fd, F_SETLK, &fl));
	EXPECT_TRUE(errno == EAGAIN || errno == EACCES);
	close(go[1]);
	move_later(100);
	EXPECT_EQ(0, fcntl(fd, F_SETLKW, &fl));
	EXPECT_EQ(0, flock(fd, LOCK_EX));
	move_wait();
	fl.l_type = F_UNLCK;
	EXPECT_EQ(0, fcntl(fd, F_SETLK, &fl));
	EXPECT_EQ(0, flock(fd, LOCK_UN));
	move_end();
	EXPECT_EQ(0, wait_for(pid));
	close(ready[0]);
	close(ready[1]);
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
