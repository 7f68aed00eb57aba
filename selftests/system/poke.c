// SPDX-License-Identifier: GPL-2.0
/*
 * poke PID TEXT - write TEXT to /proc/PID/migrate at once, and print the name of the error
 * that this gives, or 0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int poke(const char *pid, const char *text)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%s/migrate", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

int main(int argc, char **argv)
{
	int err;

	if (argc != 3)
		return 2;
	err = poke(argv[1], argv[2]);
	puts(err ? strerrorname_np(err) : "0");
	return 0;
}
