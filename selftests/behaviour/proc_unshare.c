// SPDX-License-Identifier: GPL-2.0
/* Threads that share files and directory, until one has a table and a directory of its own. */
#include "../move.h"
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

static volatile int fd, stage, wrong;

static void *work(void *arg)
{
	char cwd[256];

	/* for this it comes home, and the others with it */
	if (unshare(CLONE_FILES | CLONE_FS))
		wrong = 1;
	if (chdir("/") || close(fd))
		wrong = 2;
	stage = 1;
	while (stage == 1)
		usleep(1000);
	if (!getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/"))
		wrong = 3;
	if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
		wrong = 4;
	return NULL;
}

MOVE_TEST(proc_unshare)
{
	char before[256], after[256];
	pthread_t thread;

	fd = open("/dev/null", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_NE(NULL, getcwd(before, sizeof(before)));
	stage = wrong = 0;
	move_begin();
	move_here();
	ASSERT_EQ(0, pthread_create(&thread, NULL, work, NULL));
	while (!stage)
		usleep(1000);
	move_here();
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
	EXPECT_NE(NULL, getcwd(after, sizeof(after)));
	EXPECT_STREQ(before, after);
	stage = 2;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, wrong);
	close(fd);
}
