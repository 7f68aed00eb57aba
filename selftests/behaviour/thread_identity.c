// SPDX-License-Identifier: GPL-2.0
/* Thread ids, /proc/self/task, tgkill(), names and CPU times tell the truth of each thread. */
#include "../move.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define THREADS	3

static volatile pid_t tid[THREADS];
static volatile int go;
static int good;

static int named(pid_t tid, const char *want)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(name, sizeof(name), f))
		name[0] = '\0';
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
	return !strcmp(name, want);
}

static int tasks(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void *work(void *arg)
{
	long i = (long)arg;
	struct rusage usage;
	char name[16], now[16];
	volatile long n;

	snprintf(name, sizeof(name), "worker-%ld", i);
	if (prctl(PR_SET_NAME, name))
		return NULL;
	tid[i] = syscall(SYS_gettid);
	while (!go)
		usleep(1000);
	if (i == 1)
		do {
			for (n = 0; n < 3000000; n++)
				;
			if (getrusage(RUSAGE_THREAD, &usage))
				return NULL;
		} while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 200000);
	if (getrusage(RUSAGE_THREAD, &usage))
		return NULL;
	n = usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000;
	if (i == 1 ? n < 200 : n > 200 * move_slow())
		return NULL;
	if (prctl(PR_GET_NAME, now) || strcmp(now, name) || !named(tid[i], name))
		return NULL;
	if (syscall(SYS_gettid) != tid[i] || getpid() == tid[i])
		return NULL;
	__sync_fetch_and_add(&good, 1);
	return NULL;
}

MOVE_TEST(thread_identity)
{
	pthread_t thread[THREADS];
	long i;

	go = good = 0;
	for (i = 0; i < THREADS; i++) {
		tid[i] = 0;
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, work, (void *)i));
	}
	while (!tid[0] || !tid[1] || !tid[2])
		usleep(1000);
	move_begin();
	move_here();
	EXPECT_EQ(THREADS + 1, tasks());
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(0, syscall(SYS_tgkill, getpid(), tid[i], 0));
	go = 1;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(THREADS, good);
	/* a thread may be joined a moment before it is gone */
	for (i = 0; i < 1000 && tasks() > 1; i++)
		usleep(1000);
	EXPECT_EQ(1, tasks());
	EXPECT_EQ(-1, syscall(SYS_tgkill, getpid(), tid[0], 0));
	EXPECT_EQ(ESRCH, errno);
}
