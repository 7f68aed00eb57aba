// SPDX-License-Identifier: GPL-2.0
/* A program that appends to a file all the time: no line lost, none doubled, all in order. */
#include "../move.h"

#define LINES	1500

MOVE_TEST(proc_append_log)
{
	char line[32];
	FILE *f;
	int fd, i, n;

	fd = open("log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_later(20);
	for (i = 0; i < LINES; i++) {
		n = snprintf(line, sizeof(line), "line %d\n", i);
		ASSERT_EQ(n, write(fd, line, n));
	}
	move_wait();
	close(fd);
	f = fopen("log", "r");
	ASSERT_NE(NULL, f);
	for (i = 0; i < LINES; i++) {
		n = -1;
		ASSERT_EQ(1, fscanf(f, "line %d\n", &n));
		ASSERT_EQ(i, n);
	}
	EXPECT_EQ(EOF, fgetc(f));
	fclose(f);
	EXPECT_EQ(0, unlink("log"));
}
