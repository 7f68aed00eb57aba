// SPDX-License-Identifier: GPL-2.0
/* A private mapping of /dev/zero is anonymous memory, with a file all the same. */
#include "../move.h"
#include <fcntl.h>
#include <sys/mman.h>

#define SIZE	(1 << 20)

MOVE_TEST(mem_dev_zero)
{
	int fd = open("/dev/zero", O_RDWR);
	uint32_t *mem, i;
	int round = 0;

	ASSERT_LE(0, fd);
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	close(fd);
	for (i = 0; i < SIZE / 8; i++)
		mem[i] = i;
	move_begin();
	move_here();
	do {
		for (i = 0; i < SIZE / 8; i++)
			ASSERT_EQ(i + round, mem[i]);
		ASSERT_EQ(0, mem[SIZE / 8 + 5]);
		round++;
		for (i = 0; i < SIZE / 8; i++)
			mem[i]++;
	} while (!move_done());
	munmap(mem, SIZE);
}
