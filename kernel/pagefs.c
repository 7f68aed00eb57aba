// SPDX-License-Identifier: GPL-2.0
/*
 * A pseudo filesystem at the remote node, whose files have the pages of the home's files.
 *
 * An inode stands for one state of one file of one home node, so processes of the same
 * home share its page cache, one after another too: memory pressure alone frees it. An open file
 * knows an address space whose fetch channel reaches the home. When the file changes while it is
 * mapped, home says so (promise.c): then the pages are dropped, and fetched again.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include "space.h"

#define PM_PAGEFS_MAGIC	0x706d6d67
#define PM_PAGEFS_AHEAD	32	/* pages of readahead round a fault */

/** struct pm_pagefs_key - identity of an inode */
struct pm_pagefs_key {
	u32 home;
	struct pm_file_ident ident;
};

/**
 * struct pm_pagefs_inode - private data of an inode
 * @key: its identity; of its file this is the state when it came into being
 * @swept: number of the last sweep that has been here, under the lock of inodes' hash
 */
struct pm_pagefs_inode {
	struct pm_pagefs_key key;
	u64 swept;
};

/** struct pm_pagefs_open - private data of an open file; @mm: counted reference */
struct pm_pagefs_open {
	struct pm_mm *mm;
	u32 id;
	struct pm_file_ident ident;
};

static struct vfsmount *pm_pagefs_mnt;
static const struct file_operations pm_pagefs_fops;

/* Pages from @index on through the home of @file, or ERR_PTR. */
static struct pm_buf *pm_pagefs_fetch(struct file *file, u64 index, u32 count)
{
	struct pm_pagefs_open *open;

	if (!file || file->f_op != &pm_pagefs_fops)
		return ERR_PTR(-EIO);
	open = file->private_data;
	return pm_fetch_file(open->mm, open->id, index, count);
}

/*
 * Fill @folio with the page at @offset of the answer, with zeroes behind its end.
 * Return: 0, or -EIO: the file has been truncated at home, and none of the page is left.
 */
static int pm_pagefs_fill(struct folio *folio, const struct pm_buf *buf, size_t offset)
{
	const struct pm_file_pages *head = (const void *)buf->data;
	size_t bytes = buf->len - sizeof(*head), len;

	if (offset >= bytes)
		return -EIO;
	len = min_t(size_t, bytes - offset, PAGE_SIZE);
	memcpy_to_page(folio_page(folio, 0), 0, buf->data + sizeof(*head) + offset, len);
	folio_zero_segment(folio, len, PAGE_SIZE);
	folio_mark_uptodate(folio);
	return 0;
}

static int pm_pagefs_read_folio(struct file *file, struct folio *folio)
{
	struct pm_buf *buf = pm_pagefs_fetch(file, folio->index, 1);
	int err = PTR_ERR_OR_ZERO(buf);

	if (!err) {
		err = pm_pagefs_fill(folio, buf, 0);
		pm_buf_free(buf);
	}
	folio_unlock(folio);
	return err;
}

static void pm_pagefs_readahead(struct readahead_control *rac)
{
	struct folio *folio;
	struct pm_buf *buf;

	while (readahead_count(rac)) {
		u64 index = readahead_index(rac);
		u32 count = min_t(u32, readahead_count(rac), PM_FETCH_PAGES);
		u32 i;

		buf = pm_pagefs_fetch(rac->file, index, count);
		if (IS_ERR(buf))
			return;
		for (i = 0; i < count && (folio = readahead_folio(rac)); i++) {
			/* one that is not filled is asked for again by who touches it */
			pm_pagefs_fill(folio, buf, (size_t)i << PAGE_SHIFT);
			folio_unlock(folio);
		}
		pm_buf_free(buf);
	}
}

static const struct address_space_operations pm_pagefs_aops = {
	.read_folio = pm_pagefs_read_folio,
	.readahead = pm_pagefs_readahead,
};

static int pm_pagefs_release(struct inode *inode, struct file *file)
{
	struct pm_pagefs_open *open = file->private_data;

	pm_mm_put(open->mm);
	kfree(open);
	return 0;
}

/* Nobody opens these files by name, not through /proc either. */
static int pm_pagefs_no_open(struct inode *inode, struct file *file)
{
	return -EACCES;
}

static const struct file_operations pm_pagefs_fops = {
	.owner = THIS_MODULE,
	.open = pm_pagefs_no_open,
	.release = pm_pagefs_release,
	.mmap = generic_file_mmap,
	.llseek = noop_llseek,
};

static int pm_pagefs_test(struct inode *inode, void *data)
{
	const struct pm_pagefs_inode *our = inode->i_private;

	return our && !memcmp(&our->key, data, sizeof(our->key));
}

static int pm_pagefs_set(struct inode *inode, void *data)
{
	struct pm_pagefs_inode *our = kzalloc(sizeof(*our), GFP_ATOMIC);

	if (!our)
		return -ENOMEM;
	our->key = *(const struct pm_pagefs_key *)data;
	inode->i_private = our;
	return 0;
}

static struct inode *pm_pagefs_inode(const struct pm_pagefs_key *key)
{
	u64 size = le64_to_cpu(key->ident.size);
	struct inode *inode;

	if (size > MAX_LFS_FILESIZE)
		return ERR_PTR(-EPROTO);
	inode = iget5_locked(pm_pagefs_mnt->mnt_sb, le64_to_cpu(key->ident.ino), pm_pagefs_test,
			     pm_pagefs_set, (void *)key);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	inode->i_ino = le64_to_cpu(key->ident.ino);
	inode->i_mode = S_IFREG | 0500;
	inode->i_size = size;
	inode->i_fop = &pm_pagefs_fops;
	inode->i_mapping->a_ops = &pm_pagefs_aops;
	unlock_new_inode(inode);
	return inode;
}

/**
 * pm_mm_file_import() - remote: a file whose pages are those of a file of the home node
 * @mm: address space that will map it, connected to its home
 * @id: the home's number for it
 * @ident: its identity at home
 *
 * Context: may sleep. Return: file, to be released by fput(), or ERR_PTR.
 */
struct file *pm_mm_file_import(struct pm_mm *mm, u32 id, const struct pm_file_ident *ident)
{
	struct pm_pagefs_key key;
	struct pm_pagefs_open *open;
	struct inode *inode;
	struct file *file;

	memset(&key, 0, sizeof(key));
	key.home = mm->home;
	key.ident = *ident;
	open = kmalloc(sizeof(*open), GFP_KERNEL_ACCOUNT);
	if (!open)
		return ERR_PTR(-ENOMEM);
	inode = pm_pagefs_inode(&key);
	if (IS_ERR(inode)) {
		file = ERR_CAST(inode);
		goto free;
	}
	/* given up with the file */
	__module_get(THIS_MODULE);
	file = alloc_file_pseudo(inode, pm_pagefs_mnt, "procmig", O_RDONLY, &pm_pagefs_fops);
	if (IS_ERR(file)) {
		module_put(THIS_MODULE);
		iput(inode);
		goto free;
	}
	/* from here on release() puts the reference */
	open->mm = pm_mm_get(mm);
	open->id = id;
	open->ident = *ident;
	file->private_data = open;
	file->f_ra.ra_pages = PM_PAGEFS_AHEAD;
	file->f_ra.prev_pos = -1;
	return file;
free:
	kfree(open);
	return file;
}

/* Is it a file of ours? If so, fill in @id and @ident unless NULL. */
bool pm_pagefs_file(struct file *file, u32 *id, struct pm_file_ident *ident)
{
	struct pm_pagefs_open *open = file->private_data;

	if (file->f_op != &pm_pagefs_fops)
		return false;
	if (id)
		*id = open->id;
	if (ident)
		*ident = open->ident;
	return true;
}

/* The file that a mapping of @file shall have: @mm's own; *@last is the one that was found last. */
static int pm_pagefs_own(struct pm_mm *mm, struct file *file, struct file **last)
{
	struct pm_pagefs_open *open = file->private_data, *have;
	struct file *fresh;

	if (*last) {
		have = (*last)->private_data;
		if (have->id == open->id && file_inode(*last) == file_inode(file))
			return 0;
	}
	fresh = pm_mm_file_import(mm, open->id, &open->ident);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	if (*last)
		fput(*last);
	*last = fresh;
	/* while @file is open its inode cannot be another one */
	return WARN_ON_ONCE(file_inode(fresh) != file_inode(file)) ? -EIO : 0;
}

/**
 * pm_pagefs_inherit() - a forked child asks for pages of files by itself, not through its parent
 * @mm: address space of current, whose mappings are those of its parent
 *
 * Context: may sleep, takes mmap_lock for writing. Return: 0 or -ENOMEM, ...
 */
int pm_pagefs_inherit(struct pm_mm *mm)
{
	struct vm_area_struct *vma;
	struct file *last = NULL;
	int err = 0;

	mmap_write_lock(mm->mm);
	for (vma = find_vma(mm->mm, 0); vma && !err; vma = find_vma(mm->mm, vma->vm_end)) {
		if (!vma->vm_file || !pm_pagefs_file(vma->vm_file, NULL, NULL))
			continue;
		err = pm_pagefs_own(mm, vma->vm_file, &last);
		if (!err)
			vma_set_file(vma, last);
	}
	mmap_write_unlock(mm->mm);
	if (last)
		fput(last);
	return err;
}

/* ---- the file changes at home ---- */

/** struct pm_pagefs_sweep - a visit of all states of a file; @nr: its number */
struct pm_pagefs_sweep {
	u32 home;
	const struct pm_changed *changed;
	u64 nr;
};

/* Under the lock of the hash. Return: 1 and a reference to one that has not been swept, or 0. */
static int pm_pagefs_unswept(struct inode *inode, unsigned long hash, void *data)
{
	struct pm_pagefs_inode *our = inode->i_private;
	const struct pm_pagefs_sweep *sweep = data;

	if (!our || our->key.home != sweep->home || our->swept >= sweep->nr ||
	    our->key.ident.dev != sweep->changed->dev ||
	    our->key.ident.ino != sweep->changed->ino || !igrab(inode))
		return 0;
	our->swept = sweep->nr;
	return 1;
}

/* Take all pages out of the cache, and out of the memory of programs, but for those in use now. */
static void pm_pagefs_drop(struct address_space *mapping)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i;

	folio_batch_init(&batch);
	while (filemap_get_folios(mapping, &index, ULONG_MAX, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++) {
			struct folio *folio = batch.folios[i];

			if (!folio_trylock(folio))
				continue;
			if (folio->mapping == mapping)
				generic_error_remove_page(mapping, &folio->page);
			folio_unlock(folio);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
}

/*
 * As truncate_pagecache(): what programs have written beyond the new end goes too. @wait: this time
 * for pages that were being fetched, and may have been read before the change; there may have been
 * another one since.
 */
static void pm_pagefs_renew(struct inode *inode, u64 size, bool wait)
{
	inode_lock(inode);
	if (wait)
		size = i_size_read(inode);
	else
		i_size_write(inode, size);
	unmap_mapping_range(inode->i_mapping, round_up(size, PAGE_SIZE), 0, 1);
	if (wait)
		/* none is ever dirty */
		invalidate_inode_pages2(inode->i_mapping);
	else
		pm_pagefs_drop(inode->i_mapping);
	unmap_mapping_range(inode->i_mapping, round_up(size, PAGE_SIZE), 0, 1);
	inode_unlock(inode);
}

/**
 * pm_pagefs_changed() - pages of files are out of date
 * @home: whose files
 * @changed: which, and their new size
 * @n: how many
 * @wait: for those pages too that are being fetched
 *
 * Context: may sleep. Return: 0 or -EPROTO.
 */
int pm_pagefs_changed(u32 home, const struct pm_changed *changed, unsigned int n, bool wait)
{
	static atomic64_t sweeps = ATOMIC64_INIT(0);
	struct pm_pagefs_sweep sweep = { .home = home };
	struct inode *inode;

	for (; n; n--, changed++) {
		if (le64_to_cpu(changed->size) > MAX_LFS_FILESIZE)
			return -EPROTO;
		sweep.changed = changed;
		sweep.nr = atomic64_inc_return(&sweeps);
		while ((inode = find_inode_nowait(pm_pagefs_mnt->mnt_sb, le64_to_cpu(changed->ino),
						  pm_pagefs_unswept, &sweep))) {
			wait_on_inode(inode);
			pm_pagefs_renew(inode, le64_to_cpu(changed->size), wait);
			iput(inode);
		}
	}
	return 0;
}

static void pm_pagefs_free_inode(struct inode *inode)
{
	kfree(inode->i_private);
	free_inode_nonrcu(inode);
}

static const struct super_operations pm_pagefs_sops = {
	.free_inode = pm_pagefs_free_inode,
	.statfs = simple_statfs,
};

static int pm_pagefs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, PM_PAGEFS_MAGIC);

	if (!ctx)
		return -ENOMEM;
	ctx->ops = &pm_pagefs_sops;
	return 0;
}

/* No owner: its only mount is ours, and would keep us loaded for ever. */
static struct file_system_type pm_pagefs_type = {
	.name = "procmig",
	.init_fs_context = pm_pagefs_context,
	.kill_sb = kill_anon_super,
};

int pm_pagefs_init(void)
{
	pm_pagefs_mnt = kern_mount(&pm_pagefs_type);
	if (IS_ERR(pm_pagefs_mnt))
		return PTR_ERR(pm_pagefs_mnt);
	/* programs run from here */
	pm_pagefs_mnt->mnt_sb->s_iflags &= ~SB_I_NOEXEC;
	return 0;
}

void pm_pagefs_exit(void)
{
	kern_unmount(pm_pagefs_mnt);
	/* inodes are freed by code of ours after a grace period */
	rcu_barrier();
}
