// SPDX-License-Identifier: GPL-2.0
/* Thread-local variables, with errno, keep their values and addresses. */
#include "../move.h"

static __thread uint64_t words[512];
static __thread int counter = 41;

MOVE_TEST(tls_variables)
{
	uint64_t *volatile where = words;
	int *perrno = &errno;

	pattern_fill(where, sizeof(words), 5);
	counter = 41;
	errno = ENOTTY;
	move_begin();
	move_here();
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(perrno, &errno);
	EXPECT_EQ(where, &words[0]);
	EXPECT_EQ(-1, pattern_check(where, sizeof(words), 5));
	EXPECT_EQ(42, ++counter);
	EXPECT_EQ(-1, close(-1));
	EXPECT_EQ(EBADF, errno);
}
