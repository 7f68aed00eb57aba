/* SPDX-License-Identifier: GPL-2.0 */
/* For those who move processes: has one ended? Zombies have nothing to move. */
#ifndef GONE_H
#define GONE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static inline bool gone(pid_t pid)
{
	char path[64], line[512], *p;
	bool dead = true;
	int threads;
	char state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	if (fgets(line, sizeof(line), f)) {
		p = strrchr(line, ')');
		/* state, and 16 fields later the number of threads: the first one may end before others */
		dead = !p || sscanf(p + 2, "%c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d",
				    &state, &threads) != 2 ||
		       ((state == 'Z' || state == 'X') && threads <= 1);
	}
	fclose(f);
	return dead;
}

#endif
