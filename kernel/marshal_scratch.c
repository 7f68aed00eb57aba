// SPDX-License-Identifier: GPL-2.0
/* User memory of the deputy for the arguments of forwarded calls, and pointers to it. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/restart_block.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <asm/unistd.h>
#include "call.h"
#include "compat.h"

/* As much is mapped at least: enough for almost all calls. */
#define PM_SCRATCH_MIN	(1024 * 1024)
/* Where scratch areas are: far from where the kernel or a C library puts anything. */
#define PM_SCRATCH_FIRST	0x200000000000UL
#define PM_SCRATCH_STRIDE	(16UL * 1024 * 1024)
#define PM_SCRATCH_SLOTS	32768UL
#define PM_SCRATCH_LAST		(PM_SCRATCH_FIRST + PM_SCRATCH_SLOTS * PM_SCRATCH_STRIDE)
#define PM_SCRATCH_TRIES	64

/**
 * pm_scratch_free() - unmap the scratch area
 * @scratch: the area; may be empty
 * Context: the deputy, without mmap_lock.
 */
void pm_scratch_free(struct pm_scratch *scratch)
{
	if (scratch->base)
		vm_munmap(scratch->base, scratch->size + PM_SCRATCH_GUARD);
	scratch->base = 0;
	scratch->size = 0;
}

/**
 * pm_scratch_hits() - may a mapping at these addresses hit a scratch area?
 * @start: its address
 * @len: its length
 *
 * Other threads' areas may be in use any time: what the program wants to map there has to wait
 * until the process is home.
 * Return: true if so.
 */
bool pm_scratch_hits(unsigned long start, unsigned long len)
{
	return start < PM_SCRATCH_LAST && len > 0 &&
	       (start + len > PM_SCRATCH_FIRST || start + len < start);
}

/* Room for @size bytes in a slot of its own. */
static unsigned long pm_scratch_map(size_t size)
{
	unsigned long slot = task_pid_nr(current), base;
	int i;

	for (i = 0; i < PM_SCRATCH_TRIES; i++, slot++) {
		base = PM_SCRATCH_FIRST + slot % PM_SCRATCH_SLOTS * PM_SCRATCH_STRIDE;
		if (size > PM_SCRATCH_LAST - base)
			continue;
		base = vm_mmap(NULL, base, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			       MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, 0);
		if (base != -EEXIST)
			return base;
	}
	return -ENOMEM;
}

/**
 * pm_scratch_reserve() - make sure that the scratch area is large enough
 * @scratch: the area; its content is lost when it has to grow
 * @bytes: size that is needed
 * A child does not inherit it, a core dump does not show it.
 * Context: the deputy, without mmap_lock.
 * Return: 0 or -ENOMEM.
 */
int pm_scratch_reserve(struct pm_scratch *scratch, size_t bytes)
{
	size_t size = round_up(max_t(size_t, bytes, PM_SCRATCH_MIN), PM_SCRATCH_MIN);
	unsigned long base;
	long err;

	if (scratch->base && scratch->size >= bytes)
		return 0;
	pm_scratch_free(scratch);
	base = pm_scratch_map(size + PM_SCRATCH_GUARD);
	if (IS_ERR_VALUE(base))
		return -ENOMEM;
	err = pm_syscall6(__NR_mprotect, base + size, PM_SCRATCH_GUARD, PROT_NONE, 0, 0, 0);
	if (!err)
		err = pm_syscall6(__NR_madvise, base, size + PM_SCRATCH_GUARD, MADV_DONTFORK,
				  0, 0, 0);
	if (!err)
		err = pm_syscall6(__NR_madvise, base, size + PM_SCRATCH_GUARD, MADV_DONTDUMP,
				  0, 0, 0);
	if (err) {
		vm_munmap(base, size + PM_SCRATCH_GUARD);
		return -ENOMEM;
	}
	scratch->base = base;
	scratch->size = size;
	return 0;
}

/**
 * pm_restart_fixup() - let the restart block of current point to the arguments of a call
 * @nr: the call that will be restarted
 * @args: its arguments as user addresses in this address space
 * The block keeps pointers that the first run was given, which are no longer good: the
 * scratch area may have moved, or the process may be home again.
 * Context: the task itself.
 * Return: false if the block is not that of such a call; it is left alone then.
 */
bool pm_restart_fixup(unsigned int nr, const unsigned long *args)
{
	struct restart_block *block = &current->restart_block;

	switch (nr) {
	case __NR_nanosleep:
	case __NR_clock_nanosleep:
		if (!pm_restart_is_sleep(block))
			return false;
		block->nanosleep.rmtp = (void __user *)args[nr == __NR_nanosleep ? 1 : 3];
		return true;
	case __NR_poll:
		if (!pm_restart_is_poll(block))
			return false;
		block->poll.ufds = (void __user *)args[0];
		return true;
	}
	return false;
}

/**
 * pm_restart_native() - the process has come home: its restart block is to point to its memory
 * @nr: the call that will be restarted
 * @regs: its registers
 * Context: the task itself.
 */
void pm_restart_native(unsigned int nr, const struct pm_wire_regs *regs)
{
	unsigned long args[] = {
		le64_to_cpu(regs->di), le64_to_cpu(regs->si), le64_to_cpu(regs->dx),
		le64_to_cpu(regs->r10), le64_to_cpu(regs->r8), le64_to_cpu(regs->r9),
	};

	pm_restart_fixup(nr, args);
}
