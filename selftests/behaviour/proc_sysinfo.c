// SPDX-License-Identifier: GPL-2.0
/* sysinfo() and /proc/meminfo tell of the same machine, home. */
#include "../move.h"
#include <sys/sysinfo.h>

static unsigned long meminfo_total(void)
{
	unsigned long kib = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	if (!f || fscanf(f, "MemTotal: %lu", &kib) != 1)
		abort();
	fclose(f);
	return kib;
}

static unsigned long boot_time(void)
{
	unsigned long btime = 0;
	char line[256];
	FILE *f = fopen("/proc/stat", "r");

	if (!f)
		abort();
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "btime %lu", &btime) == 1)
			break;
	fclose(f);
	return btime;
}

MOVE_TEST(proc_sysinfo)
{
	unsigned long btime = boot_time();
	struct sysinfo si;

	move_begin();
	move_here();
	EXPECT_EQ(0, sysinfo(&si));
	EXPECT_EQ(meminfo_total(), si.totalram / 1024 * si.mem_unit);
	EXPECT_LE(labs((long)(btime - boot_time())), 1);
	/* Uptime is CLOCK_BOOTTIME. */
	EXPECT_LE(llabs(si.uptime - clock_ns(CLOCK_BOOTTIME) / 1000000000), 2);
}
