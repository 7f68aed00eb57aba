// SPDX-License-Identifier: GPL-2.0
/* A shell with a pipeline, subshells and background jobs; its children start programs. */
#include "../move.h"
#include <sys/wait.h>

MOVE_TEST(fork_shell)
{
	char text[256] = "";
	FILE *f;

	move_begin();
	move_here();
	f = popen("(for i in 1 2 3 4 5; do echo $i; done; sleep 0.1 & wait; echo end) |"
		  " while read -r a; do echo \"<$a>\"; done | cat", "r");
	ASSERT_NE(NULL, f);
	EXPECT_LT(0, fread(text, 1, sizeof(text) - 1, f));
	EXPECT_EQ(0, pclose(f));
	EXPECT_STREQ("<1>\n<2>\n<3>\n<4>\n<5>\n<end>\n", text);
}
