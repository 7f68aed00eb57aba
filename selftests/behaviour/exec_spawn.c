// SPDX-License-Identifier: GPL-2.0
/* posix_spawn(), system() and popen(): programs started by vfork and exec, and failing to. */
#include "../exec.h"
#include <spawn.h>

static int after_exec(const char *stage, int argc, char **argv)
{
	(void)stage;
	(void)argc;
	(void)argv;
	return 0;
}

MOVE_TEST(exec_spawn)
{
	char *argv[] = { "sh", "-c", "exit $((40 + 2))", NULL }, *envp[] = { NULL };
	char line[64];
	pid_t pid;
	FILE *f;

	move_begin();
	move_here();
	ASSERT_EQ(0, posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, envp));
	EXPECT_EQ(42, exec_verdict(pid));
	EXPECT_EQ(ENOENT, posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, envp));
	EXPECT_EQ(7 << 8, system("exit 7"));
	f = popen("echo hello", "r");
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(line, sizeof(line), f));
	EXPECT_STREQ("hello\n", line);
	EXPECT_EQ(0, pclose(f));
}
