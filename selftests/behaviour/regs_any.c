// SPDX-License-Identifier: GPL-2.0
/*
 * Values of registers that no program needs, but which it can set: a segment base in the upper half of
 * the addresses; and a protection key that changes all the time.
 */
#include "../move.h"
#include <cpuid.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#define HIGH	0xfffffffffffff000UL

static int has_fsgsbase(void)
{
	return getauxval(AT_HWCAP2) & 2;
}

static int has_keys(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c & 1 << 4;
}

static unsigned long gs_base(void)
{
	unsigned long base;

	asm volatile("rdgsbase %0" : "=r"(base));
	return base;
}

MOVE_TEST(regs_any)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int key = has_keys() ? pkey_alloc(0, 0) : -1, i;
	unsigned long old = 0;

	ASSERT_NE(MAP_FAILED, p);
	if (key >= 0)
		ASSERT_EQ(0, pkey_mprotect(p, 4096, PROT_READ | PROT_WRITE, key));
	move_begin();
	if (has_fsgsbase()) {
		old = gs_base();
		asm volatile("wrgsbase %0" : : "r"(HIGH));
	}
	move_later(20);
	do {
		for (i = 0; i < 2000 && key >= 0; i++) {
			pkey_set(key, 0);
			p[i % 4096]++;
			pkey_set(key, PKEY_DISABLE_ACCESS);
			ASSERT_EQ(PKEY_DISABLE_ACCESS, pkey_get(key));
		}
		if (has_fsgsbase())
			ASSERT_EQ(HIGH, gs_base());
	} while (!move_done());
	if (has_fsgsbase())
		asm volatile("wrgsbase %0" : : "r"(old));
	if (key >= 0) {
		pkey_set(key, 0);
		EXPECT_EQ(0, pkey_free(key));
	}
	munmap(p, 4096);
}
