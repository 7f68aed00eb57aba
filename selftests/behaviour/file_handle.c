// SPDX-License-Identifier: GPL-2.0
/* Handles of files: got from a name, opened again; too small a buffer says what it takes. */
#include "../move.h"

MOVE_TEST(file_handle)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = 0 };
	int fd, mount, id = -1;
	char text[8] = "";

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	mount = open(".", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, mount);
	ASSERT_EQ(5, write(fd, "found", 5));
	move_begin();
	move_here();
	EXPECT_EQ(-1, name_to_handle_at(AT_FDCWD, "file", &handle.head, &id, 0));
	EXPECT_EQ(EOVERFLOW, errno);
	EXPECT_LT(0, handle.head.handle_bytes);
	EXPECT_GE(MAX_HANDLE_SZ, handle.head.handle_bytes);
	EXPECT_EQ(0, name_to_handle_at(AT_FDCWD, "file", &handle.head, &id, 0));
	move_here();
	close(fd);
	fd = open_by_handle_at(mount, &handle.head, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(5, read(fd, text, sizeof(text)));
	EXPECT_STREQ("found", text);
	memset(handle.head.f_handle, 0xff, handle.head.handle_bytes);
	EXPECT_EQ(-1, open_by_handle_at(mount, &handle.head, O_RDONLY));
	EXPECT_EQ(ESTALE, errno);
	close(fd);
	close(mount);
	EXPECT_EQ(0, unlink("file"));
}
