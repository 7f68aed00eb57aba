// SPDX-License-Identifier: GPL-2.0
/* A performance counter: opened at home, read and reset from where the program is. */
#include "../move.h"
#include <linux/perf_event.h>
#include <sys/ioctl.h>

MOVE_TEST(proc_perf)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_CONTEXT_SWITCHES, .disabled = 1,
	};
	uint64_t count = ~0ULL;
	int fd, i;

	move_begin();
	move_here();
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	ASSERT_LE(0, fd);
	move_here();
	EXPECT_EQ(8, read(fd, &count, 8));
	EXPECT_EQ(0, count);
	EXPECT_EQ(0, ioctl(fd, PERF_EVENT_IOC_ENABLE, 0));
	for (i = 0; i < 20; i++)
		usleep(1000);
	EXPECT_EQ(0, ioctl(fd, PERF_EVENT_IOC_DISABLE, 0));
	EXPECT_EQ(8, read(fd, &count, 8));
	EXPECT_LT(0, count);
	attr.size = 7;
	EXPECT_EQ(-1, syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
	EXPECT_EQ(E2BIG, errno);
	close(fd);
}
