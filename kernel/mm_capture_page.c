// SPDX-License-Identifier: GPL-2.0
/*
 * The private pages of a frozen address space: which there are, and those that travel with the
 * image, those of file mappings (a sink can't be told of a fault there) and the hot ones of
 * anonymous memory.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "compat.h"
#include "image.h"
#include "space.h"

/* Pages below and above the stack pointer that are always hot. */
#define PM_HOT_BELOW	4
#define PM_HOT_ABOVE	32

/**
 * struct pm_capture - a capture in progress
 * @mm: address space
 * @enc: the image
 * @hot_start: range round the stack pointer
 * @hot_end: its end
 * @shown_start: range that /proc shows: hot, so that it is seen at home all the time
 * @shown_end: its end
 * @all: pages that may still be added if there are so few that all travel along, or 0
 * @hot: hot pages that may still be added elsewhere
 * @file: the mapping being walked is one of a file
 * @huge: the current chunk is a huge page
 * @here: private pages of the current chunk
 * @young: those of them that were used recently
 */
struct pm_capture {
	struct pm_mm *mm;
	struct pm_enc *enc;
	unsigned long hot_start;
	unsigned long hot_end;
	unsigned long shown_start;
	unsigned long shown_end;
	unsigned int all;
	unsigned int hot;
	bool file;
	bool huge;
	u64 here[PM_CHUNK_WORDS];
	u64 young[PM_CHUNK_WORDS];
};

static unsigned int pm_page_index(unsigned long addr)
{
	return (addr & (PM_CHUNK_SIZE - 1)) >> PAGE_SHIFT;
}

/* Is there a private page behind this page table entry? Page table lock is held. */
static bool pm_pte_private(pte_t pte, bool file)
{
	swp_entry_t entry;

	if (pte_none(pte))
		return false;
	/* same-page merging may have put the page of zeroes in place of one of a file */
	if (file && pte_present(pte) && is_zero_pfn(pte_pfn(pte)))
		return true;
	if (pte_present(pte))
		return pm_pte_anon(pte);
	entry = pte_to_swp_entry(pte);
	if (!non_swap_entry(entry))
		return true;
	if (is_swapin_error_entry(entry) || is_hwpoison_entry(entry))
		return true;	/* it cannot be read, and that must be known */
	return is_pfn_swap_entry(entry) && PageAnon(pfn_swap_entry_to_page(entry));
}

static void pm_note_pte(struct pm_capture *capture, unsigned long addr, pte_t pte)
{
	unsigned int i = pm_page_index(addr);

	if (!pm_pte_private(pte, capture->file))
		return;
	capture->here[i / 64] |= BIT_ULL(i % 64);
	if (pte_present(pte) && pte_young(pte))
		capture->young[i / 64] |= BIT_ULL(i % 64);
}

/* A huge page: all of it is here, unless it is the huge zero page. */
static void pm_note_huge(struct pm_capture *capture, unsigned long addr, unsigned long end,
			 pmd_t pmd)
{
	if (pmd_present(pmd) && !PageAnon(pmd_page(pmd)))
		return;
	capture->huge = end - addr == PM_CHUNK_SIZE;
	for (; addr < end; addr += PAGE_SIZE)
		capture->here[pm_page_index(addr) / 64] |= BIT_ULL(pm_page_index(addr) % 64);
}

/* Append a page that can't be read: only who touches it shall notice. */
static int pm_capture_bad(struct pm_capture *capture, unsigned long addr)
{
	struct pm_img_page img = { .addr = cpu_to_le64(addr) };

	return pm_enc_put(capture->enc, PM_TAG_MEM_BAD, &img, sizeof(img));
}

/* Append a page with its bytes; a page of zeroes only where @zeroes matter. */
static int pm_capture_page(struct pm_capture *capture, unsigned long addr, bool zeroes)
{
	struct page *page = pm_read_page(capture->mm->mm, addr);
	struct pm_img_page *img;
	const void *from;
	int err = 0;

	if (page == ERR_PTR(-EFAULT))
		return pm_capture_bad(capture, addr);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!page && !zeroes)
		return 0;
	from = kmap_local_page(page ?: ZERO_PAGE(0));
	if (!zeroes && !memchr_inv(from, 0, PAGE_SIZE)) {
		atomic64_inc(&capture->mm->zero);
		goto unmap;
	}
	img = pm_enc_reserve(capture->enc, PM_TAG_MEM_PAGE, sizeof(*img) + PAGE_SIZE);
	if (!img) {
		err = capture->enc->err;
		goto unmap;
	}
	img->addr = cpu_to_le64(addr);
	memcpy(img + 1, from, PAGE_SIZE);
	atomic64_inc(&capture->mm->eager);
unmap:
	kunmap_local(from);
	if (page)
		put_page(page);
	return err;
}

static bool pm_capture_is_hot(struct pm_capture *capture, unsigned long addr, bool young)
{
	if (capture->all) {
		capture->all--;
		return true;
	}
	if ((addr >= capture->hot_start && addr < capture->hot_end) ||
	    (addr >= capture->shown_start && addr < capture->shown_end))
		return true;
	if (!young || !capture->hot)
		return false;
	capture->hot--;
	return true;
}

/* The pages noted of the chunk that contains @addr go into the image. */
static int pm_capture_flush(struct pm_capture *capture, unsigned long addr)
{
	unsigned long base = addr & ~(PM_CHUNK_SIZE - 1);
	struct pm_img_map map = {
		.addr = cpu_to_le64(base),
		.where = cpu_to_le32(PM_MAP_HERE),
	};
	u64 left = 0;
	int i, err;

	for (i = 0; i < PM_CHUNK_WORDS * 64; i++) {
		u64 bit = BIT_ULL(i % 64);

		addr = base + ((unsigned long)i << PAGE_SHIFT);
		if (!(capture->here[i / 64] & bit))
			continue;
		if (!capture->file &&
		    !pm_capture_is_hot(capture, addr, capture->young[i / 64] & bit))
			continue;
		err = pm_capture_page(capture, addr, capture->file);
		if (err)
			return err;
		capture->here[i / 64] &= ~bit;
	}
	for (i = 0; i < PM_CHUNK_WORDS; i++) {
		map.bits[i] = cpu_to_le64(capture->here[i]);
		left |= capture->here[i];
	}
	if (!left)
		return 0;
	capture->mm->whole = false;
	if (capture->huge || pm_map_is_huge(&capture->mm->map, base))
		map.where |= cpu_to_le32(PM_MAP_HUGE);
	return pm_enc_put(capture->enc, PM_TAG_MEM_MAP, &map, sizeof(map));
}

/* One pmd covers just one chunk. */
static int pm_capture_pmd(pmd_t *pmd, unsigned long addr, unsigned long end, struct mm_walk *walk)
{
	struct pm_capture *capture = walk->private;
	unsigned long first = addr;
	pte_t *start, *pte;
	pmd_t val = READ_ONCE(*pmd);
	spinlock_t *ptl;	/* of the page table */

	memset(capture->here, 0, sizeof(capture->here));
	memset(capture->young, 0, sizeof(capture->young));
	capture->huge = false;
	if (pmd_none(val))
		return 0;
	if (!pmd_present(val) || pmd_trans_huge(val)) {
		pm_note_huge(capture, addr, end, val);
		goto flush;
	}
	start = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	for (pte = start; addr < end; pte++, addr += PAGE_SIZE)
		pm_note_pte(capture, addr, *pte);
	pte_unmap_unlock(start, ptl);
flush:
	cond_resched();
	return pm_capture_flush(capture, first);
}

static const struct mm_walk_ops pm_capture_ops = {
	.pmd_entry = pm_capture_pmd,
};

/**
 * pm_capture_pages() - which private pages there are, and those of them that travel along
 * @mm: address space
 * @enc: image to append to
 * @sp: stack pointer
 * @hot: pages to send along besides those round @sp and the private ones of files
 *
 * Context: the address space is frozen; may sleep. Return: 0, -E2BIG, -ENOMEM, -EINTR.
 */
int pm_capture_pages(struct pm_mm *mm, struct pm_enc *enc, unsigned long sp, unsigned int hot)
{
	struct pm_capture *capture = kzalloc(sizeof(*capture), GFP_KERNEL);
	struct mm_struct *user_mm = mm->mm;
	struct vm_area_struct *vma;
	int kind, err = 0;

	if (!capture)
		return -ENOMEM;
	capture->mm = mm;
	capture->enc = enc;
	/* a little less or more: of each thread some are counted later */
	if (get_mm_counter(user_mm, MM_ANONPAGES) + get_mm_counter(user_mm, MM_SWAPENTS) <=
	    PM_SMALL_PAGES)
		capture->all = 2 * PM_SMALL_PAGES;
	capture->hot = hot;
	sp &= PAGE_MASK;
	capture->hot_start = sp - min(sp, PM_HOT_BELOW * PAGE_SIZE);
	capture->hot_end = sp + PM_HOT_ABOVE * PAGE_SIZE;
	pm_shown_range(user_mm, &capture->shown_start, &capture->shown_end);
	mmap_read_lock(user_mm);
	for (vma = find_vma(user_mm, 0); vma && !err; vma = find_vma(user_mm, vma->vm_end)) {
		kind = pm_vma_kind(vma, NULL);
		if (kind != PM_VMA_ANON && kind != PM_VMA_FILE)
			continue;
		capture->file = kind == PM_VMA_FILE;
		err = pm_walk_page_range(user_mm, vma->vm_start, vma->vm_end, &pm_capture_ops,
					 capture);
	}
	mmap_read_unlock(user_mm);
	kfree(capture);
	return err;
}
