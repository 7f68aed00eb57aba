// SPDX-License-Identifier: GPL-2.0
/* FS and GS bases survive, and arch_prctl() goes on working. */
#include "../move.h"
#include <asm/prctl.h>

MOVE_TEST(fsgs_base)
{
	static uint64_t data[2] = { 0x1122334455667788, 0x99aabbccddeeff00 };
	unsigned long fs = 0, gs = 0, fs2 = 0;
	uint64_t value;

	ASSERT_EQ(0, syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	ASSERT_EQ(0, syscall(SYS_arch_prctl, ARCH_SET_GS, &data[0]));
	move_begin();
	move_here();
	asm volatile("mov %%gs:0, %0" : "=r" (value));
	EXPECT_EQ(data[0], value);
	EXPECT_EQ(0, syscall(SYS_arch_prctl, ARCH_GET_GS, &gs));
	EXPECT_EQ((unsigned long)&data[0], gs);
	EXPECT_EQ(0, syscall(SYS_arch_prctl, ARCH_GET_FS, &fs2));
	EXPECT_EQ(fs, fs2);
	EXPECT_EQ(0, syscall(SYS_arch_prctl, ARCH_SET_GS, &data[1]));
	move_here();
	asm volatile("mov %%gs:0, %0" : "=r" (value));
	EXPECT_EQ(data[1], value);
	EXPECT_EQ(0, syscall(SYS_arch_prctl, ARCH_SET_GS, 0));
}
