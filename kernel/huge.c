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
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include "call.h"
#include "compat.h"
#include "space.h"

/* What is made huge at once: who unmaps or maps meanwhile waits, and so do those who fault then. */
#define PM_HUGE_AT_ONCE		(32 * PM_CHUNK_SIZE)

/* A page that a child shares would be copied: *@walk->private is where the first one is. */
static int pm_huge_pmd(pmd_t *pmd, unsigned long addr, unsigned long end, struct mm_walk *walk)
{
	unsigned long *shared = walk->private;
	pmd_t val = READ_ONCE(*pmd);
	bool found = false;
	pte_t *start, *pte;
	spinlock_t *ptl;	/* of the page table */

	if (!pmd_present(val) || pmd_trans_huge(val))
		return 0;
	start = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	for (pte = start; addr < end && !found; pte++, addr += PAGE_SIZE) {
		/* what is in swap may be shared too */
		found = pte_present(*pte) ? pm_pte_anon(*pte) && page_mapcount(pte_page(*pte)) > 1 :
					    !pte_none(*pte);
		*shared = addr;
	}
	pte_unmap_unlock(start, ptl);
	cond_resched();
	return found;
}

static const struct mm_walk_ops pm_huge_ops = {
	.pmd_entry = pm_huge_pmd,
};

/*
 * How much of [start, end) is one mapping that may have huge pages on this machine, and of which no
 * child has a copy? *@huge: or may not, or has. Return: the end of it.
 */
static unsigned long pm_huge_part(struct mm_struct *mm, unsigned long start, unsigned long end,
				  bool *huge)
{
	struct vm_area_struct *vma;
	unsigned long shared;

	mmap_read_lock(mm);
	vma = find_vma(mm, start);
	*huge = vma && vma->vm_start <= start && vma->vm_end >= start + PM_CHUNK_SIZE &&
		vma_is_anonymous(vma) && pm_vma_may_be_huge(vma);
	if (*huge)
		end = min(end, vma->vm_end & ~(PM_CHUNK_SIZE - 1));
	if (*huge && pm_walk_page_range(mm, start, end, &pm_huge_ops, &shared) > 0)
		end = shared & ~(PM_CHUNK_SIZE - 1);
	*huge = *huge && end > start;
	if (!*huge)
		end = start + PM_CHUNK_SIZE;
	mmap_read_unlock(mm);
	return end;
}

/* The process is not here any more, or is just coming anew. */
static bool pm_huge_elsewhere(struct pm_mm *mm)
{
	return !test_bit(PM_MM_SINK, &mm->flags) || test_bit(PM_MM_AWAY, &mm->flags) ||
	       pm_mm_dead(mm);
}

/*
 * Wait while the process is being moved, which may fail. False: it is not to go on: there must be
 * memory for it that nobody else needs.
 */
static bool pm_huge_goes_on(struct pm_mm *mm)
{
	wait_event_idle(mm->wait, pm_huge_elsewhere(mm) ||
			(!test_bit(PM_MM_FROZEN, &mm->flags) && !READ_ONCE(mm->uffd_ctx)));
	return !pm_huge_elsewhere(mm) && si_mem_available() > (long)(totalram_pages() / 8);
}

/* Return: 0, also if not all of it could be made huge; or an error: there is no memory for it. */
static int pm_huge_range(struct pm_mm *mm, unsigned long start, unsigned long end)
{
	unsigned long next;
	long err = 0;
	bool huge;

	if (start >= end || !mmget_not_zero(mm->mm))
		return 0;
	kthread_use_mm(mm->mm);
	for (; start < end && err != -ENOMEM && err != -EBUSY; start = next) {
		next = pm_huge_part(mm->mm, start, end, &huge);
		if (huge)
			err = pm_syscall6(__NR_madvise, start, next - start, MADV_COLLAPSE,
					  0, 0, 0);
	}
	kthread_unuse_mm(mm->mm);
	mmput_async(mm->mm);
	return err == -ENOMEM || err == -EBUSY ? err : 0;
}

/**
 * pm_huge_again() - make huge what was huge before the move
 * @mm: address space of which nothing is missing any more
 *
 * Context: a kernel thread, sleeps, takes mmap_lock for writing. Ends early if it is not worth it.
 */
void pm_huge_again(struct pm_mm *mm)
{
	unsigned long addr, index, start = 0, end = 0;
	struct pm_chunk *chunk;
	bool over = false;

	xa_for_each(&mm->map.chunks, index, chunk) {
		if (!test_bit(PM_CHUNK_HUGE, &chunk->flags))
			continue;
		addr = index << PM_CHUNK_SHIFT;
		if (addr != end || end - start >= PM_HUGE_AT_ONCE) {
			over = over || pm_huge_range(mm, start, end) || !pm_huge_goes_on(mm);
			start = addr;
		}
		clear_bit(PM_CHUNK_HUGE, &chunk->flags);
		end = over ? start : addr + PM_CHUNK_SIZE;
	}
	pm_huge_range(mm, start, end);
}
