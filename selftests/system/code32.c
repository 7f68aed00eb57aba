// SPDX-License-Identifier: GPL-2.0
/* code32 - a 32-bit program that waits; it is built without a C library, which may be missing */

#define PAUSE	29

void _start(void);

void _start(void)
{
	for (;;)
		asm volatile("int $0x80" : : "a" (PAUSE) : "memory");
}
