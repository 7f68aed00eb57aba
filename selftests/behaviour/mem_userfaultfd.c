// SPDX-License-Identifier: GPL-2.0
/* The program's own userfaultfd: it comes home for it, and may leave again when it has closed it. */
#include "../move.h"
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>

#define BYTES	(4 * 4096)

static int uffd;

/* Answers two faults with pages of 'u'. */
static void *answer(void *arg)
{
	static char page[4096] __attribute__((aligned(4096)));
	struct uffdio_copy copy = { .src = (uintptr_t)page, .len = 4096 };
	struct uffd_msg msg;
	int i;

	memset(page, 'u', sizeof(page));
	for (i = 0; i < 2; i++) {
		if (read(uffd, &msg, sizeof(msg)) != sizeof(msg) ||
		    msg.event != UFFD_EVENT_PAGEFAULT)
			return (void *)1;
		copy.dst = msg.arg.pagefault.address & ~4095ULL;
		if (ioctl(uffd, UFFDIO_COPY, &copy))
			return (void *)2;
	}
	return NULL;
}

MOVE_TEST(mem_userfaultfd)
{
	struct uffdio_register reg = { .range.len = BYTES, .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	pthread_t thread;
	void *ret;
	char *p;

	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	strcpy(p, "before");
	move_begin();
	move_here();
	move_end();
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	ASSERT_LE(0, uffd);
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
	reg.range.start = (uintptr_t)p;
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &reg));
	ASSERT_EQ(0, pthread_create(&thread, NULL, answer, NULL));
	EXPECT_EQ('u', p[4096]);
	EXPECT_EQ('u', p[3 * 4096 + 5]);
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(NULL, ret);
	EXPECT_STREQ("before", p);
	close(uffd);
	move_begin();
	move_here();
	EXPECT_EQ('u', p[4096]);
	EXPECT_EQ(0, munmap(p, BYTES));
}
