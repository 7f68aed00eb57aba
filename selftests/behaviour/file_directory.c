// SPDX-License-Identifier: GPL-2.0
/* getdents() over several calls lists each entry once, through moves between them. */
#include "../move.h"
#include <dirent.h>
#include <sys/stat.h>

#define FILES	500

MOVE_TEST(file_directory)
{
	unsigned char seen[FILES] = { 0 };
	struct dirent *entry;
	char name[32];
	int i, n = 0;
	DIR *dir;

	ASSERT_EQ(0, mkdir("many", 0700));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "many/f%d", i);
		ASSERT_EQ(0, mknod(name, S_IFREG | 0600, 0));
	}
	move_begin();
	dir = opendir("many");
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (n++ == FILES / 2)
			move_here();
		if (entry->d_name[0] != 'f')
			continue;
		i = atoi(entry->d_name + 1);
		ASSERT_TRUE(i >= 0 && i < FILES);
		EXPECT_EQ(DT_REG, entry->d_type);
		EXPECT_EQ(0, seen[i]++);
	}
	EXPECT_EQ(FILES + 2, n);
	EXPECT_EQ(0, closedir(dir));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "many/f%d", i);
		ASSERT_EQ(0, unlink(name));
	}
	EXPECT_EQ(0, rmdir("many"));
}
