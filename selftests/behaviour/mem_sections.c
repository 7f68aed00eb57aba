// SPDX-License-Identifier: GPL-2.0
/* Data, bss, read-only data and code: touched and untouched pages of each. */
#include "../move.h"

#define WORDS	65536

static uint64_t bss[WORDS], bss_untouched[WORDS];
static uint64_t data[WORDS] = { [0] = 1, [WORDS / 2] = 2, [WORDS - 1] = 3 };
static const volatile uint64_t rodata[WORDS] = { [1] = 11, [WORDS - 2] = 12 };

MOVE_TEST(mem_sections)
{
	int i;

	pattern_fill(bss, sizeof(bss), 1);
	data[WORDS / 4] = 4;
	move_begin();
	move_here();
	EXPECT_EQ(-1, pattern_check(bss, sizeof(bss), 1));
	for (i = 0; i < WORDS; i += 100)
		ASSERT_EQ(0, bss_untouched[i]);
	EXPECT_EQ(1, data[0]);
	EXPECT_EQ(2, data[WORDS / 2]);
	EXPECT_EQ(3, data[WORDS - 1]);
	EXPECT_EQ(4, data[WORDS / 4]);
	EXPECT_EQ(0, data[WORDS / 4 + 1]);
	EXPECT_EQ(11, rodata[1]);
	EXPECT_EQ(12, rodata[WORDS - 2]);
	EXPECT_EQ(0, rodata[WORDS / 2]);
	data[WORDS / 8] = 5;
	bss[7] = 6;
	move_here();
	EXPECT_EQ(5, data[WORDS / 8]);
	EXPECT_EQ(6, bss[7]);
	data[WORDS / 8] = 0;
}
