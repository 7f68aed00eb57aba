// SPDX-License-Identifier: GPL-2.0
/* A memfd and its seals: what is sealed cannot be done, here or at home. */
#include "../move.h"
#include <sys/stat.h>

MOVE_TEST(file_memfd)
{
	char text[16] = "";
	struct stat st;
	int fd, plain;

	fd = memfd_create("before", MFD_ALLOW_SEALING);
	ASSERT_LE(0, fd);
	ASSERT_EQ(7, write(fd, "content", 7));
	move_begin();
	move_here();
	EXPECT_EQ(0, fcntl(fd, F_GET_SEALS));
	EXPECT_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	EXPECT_EQ(-1, ftruncate(fd, 3));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, pwrite(fd, "x", 1, 100));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(1, pwrite(fd, "C", 1, 0));
	EXPECT_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
	EXPECT_EQ(-1, pwrite(fd, "c", 1, 0));
	EXPECT_EQ(EPERM, errno);
	move_here();
	EXPECT_EQ(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL,
		  fcntl(fd, F_GET_SEALS));
	EXPECT_EQ(7, pread(fd, text, sizeof(text), 0));
	EXPECT_STREQ("Content", text);
	plain = memfd_create("after", MFD_CLOEXEC);
	ASSERT_LE(0, plain);
	EXPECT_EQ(FD_CLOEXEC, fcntl(plain, F_GETFD));
	EXPECT_EQ(-1, fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(0, fstat(plain, &st));
	EXPECT_EQ(0, st.st_size);
	close(plain);
	close(fd);
}
