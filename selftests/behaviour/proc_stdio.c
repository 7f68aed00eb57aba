// SPDX-License-Identifier: GPL-2.0
/* Buffered stdio across moves: buffers are memory, descriptors are home's. */
#include "../move.h"

MOVE_TEST(proc_stdio)
{
	char line[64];
	FILE *f, *tmp;
	int i;

	f = fopen("text", "w+");
	ASSERT_NE(NULL, f);
	tmp = tmpfile();
	ASSERT_NE(NULL, tmp);
	for (i = 0; i < 100; i++)
		fprintf(f, "%d squared is %d\n", i, i * i);
	move_begin();
	move_here();
	for (; i < 2000; i++)
		fprintf(f, "%d squared is %d\n", i, i * i);
	rewind(f);
	for (i = 0; i < 2000; i++) {
		int a = 0, b = 0;

		if (i == 1000)
			move_here();
		ASSERT_NE(NULL, fgets(line, sizeof(line), f));
		ASSERT_EQ(2, sscanf(line, "%d squared is %d", &a, &b));
		ASSERT_EQ(i, a);
		ASSERT_EQ(i * i, b);
	}
	EXPECT_EQ(NULL, fgets(line, sizeof(line), f));
	EXPECT_EQ(7, fprintf(tmp, "%s", "private"));
	EXPECT_EQ(0, fflush(tmp));
	EXPECT_EQ(0, fclose(tmp));
	EXPECT_EQ(0, fclose(f));
	EXPECT_EQ(0, unlink("text"));
}
