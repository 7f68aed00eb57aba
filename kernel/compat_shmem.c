// SPDX-License-Identifier: GPL-2.0
/* What the module must know of the insides of shared memory. */
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/xarray.h>
#include "compat.h"

bool pm_shmem_noreserve(struct inode *inode)
{
	return SHMEM_I(inode)->flags & VM_NORESERVE;
}

bool pm_shmem_limited(struct inode *inode)
{
	struct shmem_sb_info *info = inode->i_sb->s_fs_info;

	return info->max_blocks;
}

const char *pm_shmem_odd(struct inode *inode)
{
	struct shmem_sb_info *info = inode->i_sb->s_fs_info;

	if (info->huge)
		return "shared memory that may be in huge pages";
	if (SHMEM_I(inode)->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return "shared memory that is sealed against writing";
	return NULL;
}

/* As where a page can't be read back from swap; it counts as one that is there. */
int pm_shmem_set_bad(struct inode *inode, pgoff_t index)
{
	void *bad = swp_to_radix_entry(make_swapin_error_entry(ZERO_PAGE(0)));
	struct address_space *mapping = inode->i_mapping;
	struct shmem_inode_info *info = SHMEM_I(inode);
	int err = 0;

	xa_lock_irq(&mapping->i_pages);
	if (xa_load(&mapping->i_pages, index))
		goto unlock;
	err = -ENOMEM;
	if (!pm_shmem_charge(inode, 1))
		goto unlock;
	err = xa_err(__xa_store(&mapping->i_pages, index, bad, GFP_NOWAIT | __GFP_NOWARN));
	/* it has been counted as a page in memory: that it is not, or no more */
	spin_lock(&info->lock);
	if (!err)
		info->swapped++;
	mapping->nrpages--;
	spin_unlock(&info->lock);
unlock:
	xa_unlock_irq(&mapping->i_pages);
	return err;
}
