// SPDX-License-Identifier: GPL-2.0
/* A pseudo terminal: termios, window size, FIONREAD, line discipline, SIGWINCH. */
#include "../move.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

MOVE_TEST(tty_pty)
{
	struct winsize ws = { .ws_row = 25, .ws_col = 80 }, seen;
	struct termios tio, raw;
	char text[64], name[64];
	int master, slave, n = 0;

	ASSERT_EQ(0, openpty(&master, &slave, name, NULL, &ws));
	move_begin();
	move_here();
	EXPECT_EQ(1, isatty(slave));
	memset(&seen, 0, sizeof(seen));
	EXPECT_EQ(0, ioctl(slave, TIOCGWINSZ, &seen));
	EXPECT_EQ(25, seen.ws_row);
	EXPECT_EQ(80, seen.ws_col);
	ws.ws_col = 132;
	EXPECT_EQ(0, ioctl(master, TIOCSWINSZ, &ws));
	EXPECT_EQ(0, ioctl(slave, TIOCGWINSZ, &seen));
	EXPECT_EQ(132, seen.ws_col);
	ASSERT_EQ(0, tcgetattr(slave, &tio));
	EXPECT_NE(0, tio.c_lflag & ICANON);
	EXPECT_EQ(5, write(master, "line\n", 5));
	/* Echo, with the newline mapped. */
	EXPECT_EQ(6, read(master, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "line\r\n", 6));
	EXPECT_EQ(0, ioctl(slave, FIONREAD, &n));
	EXPECT_EQ(5, n);
	EXPECT_EQ(5, read(slave, text, sizeof(text)));
	move_here();
	raw = tio;
	cfmakeraw(&raw);
	EXPECT_EQ(0, tcsetattr(slave, TCSANOW, &raw));
	EXPECT_EQ(0, tcgetattr(slave, &tio));
	EXPECT_EQ(0, tio.c_lflag & (ICANON | ECHO));
	EXPECT_EQ(3, write(master, "raw", 3));
	EXPECT_EQ(3, read(slave, text, sizeof(text)));
	EXPECT_EQ(0, tcflush(slave, TCIOFLUSH));
	EXPECT_EQ(0, ttyname_r(slave, text, sizeof(text)));
	EXPECT_STREQ(name, text);
	close(master);
	close(slave);
}
