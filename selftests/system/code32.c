// SPDX-License-Identifier: GPL-2.0
/*
 * code32 [END] - a 32-bit program that waits, or with an argument ends with status 32; it is built without
 * a C library, which may be missing
 */

asm(".globl _start\n"
    "_start:\n"
    "	cmpl	$1, (%esp)\n"	/* argc */
    "	ja	1f\n"
    "0:	movl	$29, %eax\n"	/* pause() */
    "	int	$0x80\n"
    "	jmp	0b\n"
    "1:	movl	$1, %eax\n"	/* exit(32) */
    "	movl	$32, %ebx\n"
    "	int	$0x80\n");
