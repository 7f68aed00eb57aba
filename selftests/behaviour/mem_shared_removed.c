// SPDX-License-Identifier: GPL-2.0
/* MADV_REMOVE through a mapping that cannot be written now: whatever the kernel says, it is done. */
#include "../move.h"
#include <sys/mman.h>

#define LEN	(4 << 20)

MOVE_TEST(mem_shared_removed)
{
	char *p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int gone, i;

	ASSERT_NE(MAP_FAILED, p);
	memset(p, 7, LEN);
	move_begin();
	move_here();
	ASSERT_EQ(0, mprotect(p, LEN, PROT_READ));
	gone = !madvise(p, LEN / 2, MADV_REMOVE);
	for (i = 0; i < LEN; i += 4096)
		ASSERT_EQ(gone && i < LEN / 2 ? 0 : 7, p[i]);
	move_here();
	for (i = 0; i < LEN; i += 4096)
		ASSERT_EQ(gone && i < LEN / 2 ? 0 : 7, p[i]);
	munmap(p, LEN);
}
