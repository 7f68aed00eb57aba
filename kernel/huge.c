// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages are kept: pages come one by one, and what was huge where they come from is made huge
 * again when they are all here.
 *
 * khugepaged would get there in the end; but it looks at 4096 pages in 10 s, in which a large
 * program computes slower, and forks much slower, than before it moved.
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include "call.h"
#include "compat.h"
#include "space.h"

/* Who unmaps or faults in a range waits for it so long as this is made huge. */
#define PM_HUGE_AT_ONCE		(8 * PM_CHUNK_SIZE)

/*
 * How much of [start, end) is one mapping that may have huge pages on this machine? *@huge: or may
 * not. Return: the end of it.
 */
static unsigned long pm_huge_part(struct mm_struct *mm, unsigned long start, unsigned long end,
				  bool *huge)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, start);
	*huge = vma && vma->vm_start <= start && vma->vm_end >= start + PM_CHUNK_SIZE &&
		vma_is_anonymous(vma) && pm_vma_may_be_huge(vma);
	if (*huge)
		end = min(end, vma->vm_end & ~(PM_CHUNK_SIZE - 1));
	else
		end = start + PM_CHUNK_SIZE;
	mmap_read_unlock(mm);
	return end;
}

/* Best effort: there may be no memory for it, or a part may not be there any more. */
static void pm_huge_range(struct pm_mm *mm, unsigned long start, unsigned long end)
{
	unsigned long next;
	bool huge;

	if (start >= end || !mmget_not_zero(mm->mm))
		return;
	kthread_use_mm(mm->mm);
	while (start < end && !pm_mm_dead(mm)) {
		next = pm_huge_part(mm->mm, start, end, &huge);
		if (huge)
			pm_syscall6(__NR_madvise, start, next - start, MADV_COLLAPSE, 0, 0, 0);
		start = next;
	}
	kthread_unuse_mm(mm->mm);
	mmput_async(mm->mm);
}

/**
 * pm_huge_again() - make huge what was huge before the move
 * @mm: address space of which nothing is missing any more
 *
 * Context: a kernel thread, sleeps, takes mmap_lock for writing. Ends early if the program goes on.
 */
void pm_huge_again(struct pm_mm *mm)
{
	unsigned long addr, start = 0, end = 0;
	struct pm_chunk *chunk;
	unsigned long index;

	xa_for_each(&mm->map.chunks, index, chunk) {
		if (!test_and_clear_bit(PM_CHUNK_HUGE, &chunk->flags))
			continue;
		addr = index << PM_CHUNK_SHIFT;
		if (addr != end || end - start >= PM_HUGE_AT_ONCE) {
			pm_huge_range(mm, start, end);
			start = addr;
		}
		end = addr + PM_CHUNK_SIZE;
		if (test_bit(PM_MM_FROZEN, &mm->flags) || pm_mm_dead(mm))
			return;
	}
	pm_huge_range(mm, start, end);
}
