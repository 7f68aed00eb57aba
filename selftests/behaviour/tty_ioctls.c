// SPDX-License-Identifier: GPL-2.0
/* What a terminal is asked and told by ioctl(): modes old and new, names, locks, breaks, queues. */
#include "../move.h"
#include <asm/termbits.h>
#include <sys/ioctl.h>

MOVE_TEST(tty_ioctls)
{
	struct termios2 two = { 0 };
	struct termios one = { 0 };
	struct winsize ws = { .ws_row = 33, .ws_col = 44 };
	char path[32], text[8];
	int master, slave, nr = -1, lock = 0, n = -1, peer;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ASSERT_LE(0, master);
	move_begin();
	move_here();
	EXPECT_EQ(0, ioctl(master, TIOCGPTN, &nr));
	EXPECT_EQ(0, ioctl(master, TIOCSPTLCK, &lock));
	EXPECT_EQ(0, ioctl(master, TIOCGPTLCK, &lock));
	EXPECT_EQ(0, lock);
	snprintf(path, sizeof(path), "/dev/pts/%d", nr);
	slave = open(path, O_RDWR | O_NOCTTY);
	ASSERT_LE(0, slave);
	EXPECT_EQ(0, ioctl(slave, TCGETS, &one));
	EXPECT_TRUE(one.c_lflag & ICANON);
	EXPECT_EQ(0, ioctl(slave, TCGETS2, &two));
	EXPECT_EQ(one.c_lflag, two.c_lflag);
	two.c_lflag &= ~(ICANON | ECHO);
	two.c_cflag = (two.c_cflag & ~CBAUD) | BOTHER;
	two.c_ospeed = two.c_ispeed = 12345;
	EXPECT_EQ(0, ioctl(slave, TCSETS2, &two));
	move_here();
	memset(&two, 0, sizeof(two));
	EXPECT_EQ(0, ioctl(slave, TCGETS2, &two));
	EXPECT_EQ(12345, two.c_ospeed);
	EXPECT_FALSE(two.c_lflag & ICANON);
	EXPECT_EQ(0, ioctl(master, TIOCSWINSZ, &ws));
	memset(&ws, 0, sizeof(ws));
	EXPECT_EQ(0, ioctl(slave, TIOCGWINSZ, &ws));
	EXPECT_EQ(44, ws.ws_col);
	EXPECT_EQ(3, write(master, "abc", 3));
	/* it gets there by and by */
	while (!ioctl(slave, FIONREAD, &n) && n < 3)
		usleep(1000);
	EXPECT_EQ(3, n);
	EXPECT_EQ(0, ioctl(slave, TCFLSH, TCIFLUSH));
	EXPECT_EQ(0, ioctl(slave, FIONREAD, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, ioctl(slave, TIOCOUTQ, &n));
	EXPECT_EQ(0, ioctl(slave, TIOCGETD, &n));
	EXPECT_EQ(0, n);
	n = 1;
	EXPECT_EQ(0, ioctl(master, TIOCPKT, &n));
	EXPECT_EQ(2, write(slave, "pk", 2));
	EXPECT_LT(1, read(master, text, sizeof(text)));
	EXPECT_EQ(TIOCPKT_DATA, text[0]);
	EXPECT_EQ(0, ioctl(slave, TIOCEXCL));
	EXPECT_EQ(0, ioctl(slave, TIOCGEXCL, &n));
	EXPECT_EQ(1, n);
	EXPECT_EQ(0, ioctl(slave, TIOCNXCL));
	EXPECT_EQ(0, ioctl(slave, TCSBRK, 1));
	EXPECT_EQ(-1, ioctl(slave, TIOCGSID, &n));
	EXPECT_EQ(ENOTTY, errno);
	peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	EXPECT_LE(0, peer);
	close(peer);
	close(slave);
	close(master);
}
