// SPDX-License-Identifier: GPL-2.0
/* All calls that change ids: real, effective, saved, those of files; by root and then by nobody. */
#include "../move.h"
#include <sys/fsuid.h>
#include <sys/stat.h>

static int child(struct __test_metadata *_metadata)
{
	gid_t rg, eg, sg;
	uid_t r, e, s;
	struct stat st;
	int fd;

	move_begin();
	move_here();
	if (setfsgid(555) != 0 || setfsgid(-1) != 555 || setfsuid(444) != 0 || setfsuid(-1) != 444)
		return 1;
	fd = open("made", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || fstat(fd, &st) || st.st_uid != 444 || st.st_gid != 555)
		return 2;
	setfsuid(0);
	setfsgid(0);
	if (setregid(601, 602) || getresgid(&rg, &eg, &sg) || rg != 601 || eg != 602 || sg != 602)
		return 3;
	if (setgid(603) || getgid() != 603 || getegid() != 603)
		return 4;
	move_here();
	if (setresgid(-1, 604, -1) || getegid() != 604)
		return 5;
	if (setreuid(701, 0) || getresuid(&r, &e, &s) || r != 701 || e != 0)
		return 6;
	if (setresuid(-1, 702, 701) || geteuid() != 702)
		return 7;
	if (setreuid(701, 701) || getresuid(&r, &e, &s) || r != 701 || e != 701)
		return 8;
	move_here();
	if (setuid(0) != -1 || errno != EPERM)
		return 9;
	if (setregid(1, 1) != -1 || errno != EPERM)
		return 10;
	return unlink("made") || chmod(".", 0777) != -1 ? 11 : 0;
}

MOVE_TEST(id_calls)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
