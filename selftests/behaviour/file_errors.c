// SPDX-License-Identifier: GPL-2.0
/* Errors of calls that fail are those of home. */
#include "../move.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

MOVE_TEST(file_errors)
{
	struct termios tio;
	int fd, fds[2], zero = 0;

	fd = open("file", O_RDONLY | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe2(fds, O_NONBLOCK));
	move_begin();
	move_here();
#define FAILS(err, call) do { \
	errno = 0; \
	EXPECT_EQ(-1, call); \
	EXPECT_EQ(err, errno); \
} while (0)
	FAILS(EBADF, read(999, &zero, 1));
	FAILS(EBADF, close(-1));
	FAILS(EBADF, write(fd, "x", 1));
	FAILS(ENOENT, open("missing", O_RDONLY));
	FAILS(EEXIST, open("file", O_RDWR | O_CREAT | O_EXCL, 0600));
	FAILS(ENOTTY, tcgetattr(fd, &tio));
	FAILS(ENOTTY, ioctl(fds[0], TIOCGWINSZ, &tio));
	FAILS(ESPIPE, lseek(fds[0], 0, SEEK_SET));
	FAILS(EAGAIN, read(fds[0], &zero, 1));
	FAILS(EINVAL, lseek(fd, -5, SEEK_SET));
	FAILS(EINVAL, ftruncate(fd, 10));
	FAILS(ENOTSOCK, shutdown(fd, SHUT_RD));
	FAILS(ENAMETOOLONG, open((char[5000]){ [0 ... 4998] = 'a' }, O_RDONLY));
	FAILS(ENOTDIR, chdir("file"));
	FAILS(ENOSYS, syscall(1000000));
	FAILS(ENOSYS, syscall(400));
	FAILS(EINVAL, socket(AF_INET, 12345, 0));
	FAILS(ESRCH, kill(0x3fffffff, 0));
	EXPECT_EQ(0, close(fd));
	close(fds[0]);
	close(fds[1]);
	EXPECT_EQ(0, unlink("file"));
}
