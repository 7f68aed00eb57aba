// SPDX-License-Identifier: GPL-2.0
/*
 * Puts received pages into an address space, as anonymous pages like any other.
 *
 * A page goes in only where nothing is, and only if it is still missing: test, page
 * table entry and the clearing of the bit are one step under the lock of the page map.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include "compat.h"
#include "link.h"
#include "space.h"

/* The pmd of @addr, or NULL if there is none yet. Caller holds mmap_lock. */
static pmd_t *pm_find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_leaf(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

/*
 * Make sure that @addr has a page table and a place in the reverse map.
 * Caller holds mmap_lock for reading, so that the table stays.
 * Return: its pmd or ERR_PTR: -EEXIST a huge page is there, -ENOMEM.
 */
static pmd_t *pm_prepare(struct vm_area_struct *vma, unsigned long addr)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = pm_find_pmd(mm, addr);
	pmd_t val = pmd ? READ_ONCE(*pmd) : __pmd(0);
	int err;

	if (!pmd_none(val) && (!pmd_present(val) || pmd_trans_huge(val)))
		return ERR_PTR(-EEXIST);
	if (pm_anon_vma_prepare(vma))
		return ERR_PTR(-ENOMEM);
	if (!pmd_none(val))
		return pmd;
	err = apply_to_page_range(mm, addr, PAGE_SIZE, NULL, NULL);
	if (err)
		return ERR_PTR(err);
	pmd = pm_find_pmd(mm, addr);
	return pmd ?: ERR_PTR(-ENOMEM);
}

/* A page with @data (NULL: zeroes), charged to @mm, ready to be mapped. NULL: no memory. */
static struct page *pm_new_page(struct mm_struct *mm, const void *data)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE | (data ? 0 : __GFP_ZERO));

	if (!page)
		return NULL;
	if (data)
		memcpy_to_page(page, 0, data, PAGE_SIZE);
	__folio_mark_uptodate(page_folio(page));
	if (pm_charge_page(page, mm)) {
		put_page(page);
		return NULL;
	}
	return page;
}

/* May a received page go there? */
static bool pm_vma_takes(struct vm_area_struct *vma, unsigned long addr)
{
	return vma && vma->vm_start <= addr &&
	       !(vma->vm_flags & (VM_SHARED | VM_PFNMAP | VM_IO | VM_HUGETLB));
}

/* Has the file been cut short behind which the page was? Then the page has gone with that. */
static bool pm_vma_cut(struct vm_area_struct *vma, unsigned long addr)
{
	/* /dev/zero has a file and no end */
	return vma->vm_file && !vma_is_anonymous(vma) && linear_page_index(vma, addr) >=
	       DIV_ROUND_UP(i_size_read(file_inode(vma->vm_file)), PAGE_SIZE);
}

/**
 * pm_install_page() - put a page of the image in place
 * @mm: address space
 * @addr: page aligned address in a private mapping, nothing is mapped there
 * @data: its bytes
 *
 * Context: current's own address space, while it is being restored; takes mmap_lock.
 * Return: 0, also if it is behind the end of its file now; -EINVAL no suitable mapping, -EEXIST,
 * -ENOMEM.
 */
int pm_install_page(struct pm_mm *mm, unsigned long addr, const void *data)
{
	struct vm_area_struct *vma;
	struct page *page;
	pmd_t *pmd;
	int err;

	page = pm_new_page(mm->mm, data);
	if (!page)
		return -ENOMEM;
	mmap_read_lock(mm->mm);
	err = -EINVAL;
	vma = find_vma(mm->mm, addr);
	if (!pm_vma_takes(vma, addr))
		goto unlock;
	err = 0;
	if (pm_vma_cut(vma, addr))
		goto unlock;
	pmd = pm_prepare(vma, addr);
	err = PTR_ERR_OR_ZERO(pmd);
	if (!err)
		err = pm_map_new_page(vma, pmd, addr, page);
	if (!err)
		page = NULL;
unlock:
	mmap_read_unlock(mm->mm);
	if (page)
		put_page(page);
	return err;
}

static int pm_set_bad_pte(pte_t *pte, unsigned long addr, void *arg)
{
	struct mm_struct *mm = arg;

	if (!pte_none(*pte))
		return -EEXIST;
	/* as where a page can't be read back from swap */
	set_pte_at(mm, addr, pte, swp_entry_to_pte(make_swapin_error_entry(ZERO_PAGE(0))));
	return 0;
}

/**
 * pm_install_bad() - who touches this page gets SIGBUS
 * @mm: address space, mmap_lock is held for reading
 * @addr: page aligned address
 *
 * Context: sleeps, unless there is a page table already.
 * Return: 0, -EINVAL no private mapping, -EEXIST a page is there, -ENOMEM.
 */
int pm_install_bad(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	pmd_t *pmd;

	if (!pm_vma_takes(vma, addr))
		return -EINVAL;
	pmd = pm_prepare(vma, addr);
	if (IS_ERR(pmd))
		return PTR_ERR(pmd);
	return apply_to_page_range(mm, addr, PAGE_SIZE, pm_set_bad_pte, mm);
}

/*
 * One page of an answer; @data NULL: it can't be read at the source. mmap_lock is held.
 * Return: 0 also if it is not wanted any more.
 */
static int pm_install_missing(struct pm_mm *mm, enum pm_source_id src, unsigned long addr,
			      const void *data)
{
	struct vm_area_struct *vma = find_vma(mm->mm, addr);
	struct page *page = NULL;
	pmd_t *pmd;
	int err = 0;

	if (!pm_vma_takes(vma, addr)) {
		/* nothing is mapped there: nobody wants it */
		spin_lock(&mm->map.lock);
		__pm_map_drop(&mm->map, src, addr);
		spin_unlock(&mm->map.lock);
		return 0;
	}
	if (data) {
		page = pm_new_page(mm->mm, data);
		if (!page)
			return -ENOMEM;
	}
	pmd = pm_prepare(vma, addr);
	if (pmd == ERR_PTR(-ENOMEM)) {
		err = -ENOMEM;
		goto put;
	}
	spin_lock(&mm->map.lock);
	if (__pm_map_test(&mm->map, src, addr)) {
		err = PTR_ERR_OR_ZERO(pmd);
		if (!err)
			err = page ? pm_map_new_page(vma, pmd, addr, page) :
				     pm_install_bad(mm->mm, addr);
		__pm_map_drop(&mm->map, src, addr);
		if (!err)
			page = NULL;
	}
	spin_unlock(&mm->map.lock);
	err = 0;
put:
	if (page)
		put_page(page);
	return err;
}

static void pm_install_zeroes(struct pm_mm *mm, enum pm_source_id src, u64 base, u64 zero)
{
	atomic64_add(hweight64(zero), &mm->zero);
	spin_lock(&mm->map.lock);
	for (; zero; zero &= zero - 1)
		__pm_map_drop(&mm->map, src, base + (__ffs64(zero) << PAGE_SHIFT));
	spin_unlock(&mm->map.lock);
}

/**
 * pm_install_pages() - put the pages of an answer in place
 * @mm: address space; the caller keeps it alive
 * @src: who sent them
 * @buf: the answer (struct pm_pages), not yet checked
 * @base: block that was asked for
 * @mask: pages of it that were asked for
 * @locked: the caller holds mmap_lock for reading
 *
 * Context: sleeps; takes mmap_lock for reading unless @locked, but not for shared memory.
 * Return: 0; -EPROTO malformed; -ENOMEM, those that were not installed are still missing.
 */
int pm_install_pages(struct pm_mm *mm, enum pm_source_id src, const struct pm_buf *buf,
		     u64 base, u64 mask, bool locked)
{
	const struct pm_pages *head = (const void *)buf->data;
	const u8 *from = buf->data + sizeof(*head);
	u64 data, zero, bits, bit, addr;
	const void *page;
	bool lock;
	int err = 0;

	if (buf->type != PM_MSG_PAGES || buf->len < sizeof(*head))
		return -EPROTO;
	data = le64_to_cpu(head->data);
	zero = le64_to_cpu(head->zero);
	if (le64_to_cpu(head->base) != base || (data & zero) || ((data | zero) & ~mask) ||
	    buf->len != sizeof(*head) + hweight64(data) * PAGE_SIZE)
		return -EPROTO;
	/* a page cache is filled, which has nothing to do with mappings */
	lock = !locked && !pm_addr_shared(base);
	bits = mask;
	/* where there is nothing a page of zeroes need not be put */
	if (!pm_object_has(mm, base)) {
		pm_install_zeroes(mm, src, base, zero);
		bits &= ~zero;
	}
	if (lock)
		mmap_read_lock(mm->mm);
	for (; bits && !err; bits &= bits - 1) {
		bit = bits & -bits;
		addr = base + (__ffs64(bit) << PAGE_SHIFT);
		page = data & bit ? from : zero & bit ? page_address(ZERO_PAGE(0)) : NULL;
		err = pm_addr_shared(base) ? pm_object_install(mm, src, addr, page) :
					     pm_install_missing(mm, src, addr, page);
		if (data & bit)
			from += PAGE_SIZE;
	}
	if (lock)
		mmap_read_unlock(mm->mm);
	if (!READ_ONCE(mm->map.left[src]))
		wake_up_all(&mm->wait);
	return err;
}

static int pm_set_zero_pte(pte_t *pte, unsigned long addr, void *arg)
{
	struct vm_area_struct *vma = arg;

	if (!pte_none(*pte))
		return -EEXIST;
	set_pte_at(vma->vm_mm, addr, pte,
		   pte_mkspecial(pfn_pte(my_zero_pfn(addr), vma->vm_page_prot)));
	return 0;
}

/**
 * pm_install_zero() - first touch of a page that was never anywhere
 * @vma: mapping of private anonymous or of shared memory
 * @addr: page aligned address
 * @write: it is being written
 *
 * Context: a page fault; mmap_lock is held for reading.
 * Return: 0, -EEXIST something is there now, -ENOMEM, or an error of shared memory.
 */
int pm_install_zero(struct vm_area_struct *vma, unsigned long addr, bool write)
{
	struct page *page;
	pmd_t *pmd;
	int err;

	if (pm_vma_shared(vma))
		return pm_object_zero(vma->vm_file, linear_page_index(vma, addr));
	pmd = pm_prepare(vma, addr);
	if (IS_ERR(pmd))
		return PTR_ERR(pmd);
	if (!write)
		return apply_to_page_range(vma->vm_mm, addr, PAGE_SIZE, pm_set_zero_pte, vma);
	page = pm_new_page(vma->vm_mm, NULL);
	if (!page)
		return -ENOMEM;
	err = pm_map_new_page(vma, pmd, addr, page);
	if (err)
		put_page(page);
	return err;
}
