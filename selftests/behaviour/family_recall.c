// SPDX-License-Identifier: GPL-2.0
/*
 * A call that only runs at home brings all home who share memory, and they go on; so does the death
 * of one of them by a signal that dumps its core.
 */
#include "../move.h"
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define BYTES	(256UL << 10)
#define CALLS	3

struct shared {
	atomic_int stop;
	atomic_int beats;
	char bytes[BYTES];
};

/* How many file systems there are: one of those calls. */
static int recalled_call(void)
{
	return syscall(SYS_sysfs, 3) > 0 ? 0 : errno;
}

static int beat(struct shared *s)
{
	while (!atomic_load(&s->stop)) {
		atomic_fetch_add(&s->beats, 1);
		usleep(500);
	}
	return 0;
}

static volatile int *volatile nowhere;

static int crash(struct shared *s)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	pattern_fill(s->bytes, BYTES, 99);
	*nowhere = 1;
	return 1;
}

MOVE_TEST(family_recall)
{
	pid_t beater, crasher;
	int i, status, beats;
	struct shared *s;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, s);
	move_begin();
	move_here();
	beater = fork();
	ASSERT_LE(0, beater);
	if (!beater)
		_exit(beat(s));
	for (i = 0; i < CALLS; i++) {
		pattern_fill(s->bytes, BYTES, i);
		beats = atomic_load(&s->beats);
		ASSERT_EQ(0, recalled_call());
		ASSERT_EQ(-1, pattern_check(s->bytes, BYTES, i));
		while (atomic_load(&s->beats) < beats + 3)
			usleep(1000);
	}
	crasher = fork();
	ASSERT_LE(0, crasher);
	if (!crasher)
		_exit(crash(s));
	status = wait_for(crasher);
	ASSERT_EQ(1, WIFSIGNALED(status));
	EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	EXPECT_EQ(-1, pattern_check(s->bytes, BYTES, 99));
	beats = atomic_load(&s->beats);
	while (atomic_load(&s->beats) < beats + 3)
		usleep(1000);
	atomic_store(&s->stop, 1);
	EXPECT_EQ(0, wait_for(beater));
	EXPECT_EQ(0, munmap(s, sizeof(*s)));
}
