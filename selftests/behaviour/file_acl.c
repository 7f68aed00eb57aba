// SPDX-License-Identifier: GPL-2.0
/* Access control lists, which are attributes with a format of their own. */
#include "../move.h"
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static struct {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entries[5];
} acl = {
	.header.a_version = POSIX_ACL_XATTR_VERSION,
	.entries = {
		{ ACL_USER_OBJ, 6, ACL_UNDEFINED_ID },
		{ ACL_USER, 4, 1234 },
		{ ACL_GROUP_OBJ, 0, ACL_UNDEFINED_ID },
		{ ACL_MASK, 4, ACL_UNDEFINED_ID },
		{ ACL_OTHER, 0, ACL_UNDEFINED_ID },
	},
}, got;

/* Who is on the list may read, who is not may not. */
static int may_read(uid_t uid)
{
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (!pid)
		_exit(setresuid(uid, uid, uid) || open("file", O_RDONLY) < 0);
	return !wait_for(pid);
}

MOVE_TEST(file_acl)
{
	struct stat st;
	int fd;

	fd = open("file", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	ASSERT_EQ(0, fsetxattr(fd, "system.posix_acl_access", &acl, sizeof(acl), 0));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0640, st.st_mode & 0777);
	EXPECT_EQ(sizeof(acl), getxattr("file", "system.posix_acl_access", &got, sizeof(got)));
	EXPECT_EQ(0, memcmp(&acl, &got, sizeof(acl)));
	move_end();
	EXPECT_EQ(1, may_read(1234));
	EXPECT_EQ(0, may_read(1235));
	close(fd);
	EXPECT_EQ(0, unlink("file"));
}
