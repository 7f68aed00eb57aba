// SPDX-License-Identifier: GPL-2.0
/*
 * A pseudo filesystem at the remote node, whose files have the pages of the home's files.
 *
 * An inode stands for one state of one file of one home node, so processes of the same
 * home share its page cache, one after another too: memory pressure alone frees it. An open file
 * knows an address space whose fetch channel reaches the home. When the file changes while it is
 * mapped, home says so: then the pages are dropped (changed.c), and fetched again.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include "pagefs.h"

#define PM_PAGEFS_MAGIC	0x706d6d67
#define PM_PAGEFS_AHEAD	32	/* pages of readahead round a fault */

/**
 * struct pm_pagefs_open - private data of an open file
 * @mm: through which it asks, a reference
 * @opens: where it counts, a reference
 * @id: home's number
 * @ident: which state of which file it is
 */
struct pm_pagefs_open {
	struct pm_mm *mm;
	struct pm_opens *opens;
	u32 id;
	struct pm_file_ident ident;
};

struct vfsmount *pm_pagefs_mnt;
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
 * Fill @folio with the page at @offset of the answer to what was asked after @change, with zeroes
 * behind its end.
 * Return: 0; -EIO: the file has been truncated at home, and none of the page is left; or
 * AOP_TRUNCATED_PAGE: it has changed since.
 */
static int pm_pagefs_fill(struct folio *folio, const struct pm_buf *buf, size_t offset, u64 change)
{
	const struct pm_file_pages *head = (const void *)buf->data;
	size_t bytes = buf->len - sizeof(*head), len;

	if (offset >= bytes)
		return -EIO;
	len = min_t(size_t, bytes - offset, PAGE_SIZE);
	memcpy_to_page(folio_page(folio, 0), 0, buf->data + sizeof(*head) + offset, len);
	folio_zero_segment(folio, len, PAGE_SIZE);
	folio_mark_uptodate(folio);
	/* pairs with the one in pm_changed_renew(): either sees what the other has done */
	smp_mb();
	if (pm_pagefs_change(folio->mapping->host) == change)
		return 0;
	folio_clear_uptodate(folio);
	return AOP_TRUNCATED_PAGE;
}

static int pm_pagefs_read_folio(struct file *file, struct folio *folio)
{
	u64 change = pm_pagefs_change(folio->mapping->host);
	struct pm_buf *buf = pm_pagefs_fetch(file, folio->index, 1);
	int err = PTR_ERR_OR_ZERO(buf);

	if (!err) {
		err = pm_pagefs_fill(folio, buf, 0, change);
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
		u64 index = readahead_index(rac), change = pm_pagefs_change(rac->mapping->host);
		u32 count = min_t(u32, readahead_count(rac), PM_FETCH_PAGES);
		u32 i;

		buf = pm_pagefs_fetch(rac->file, index, count);
		if (IS_ERR(buf))
			return;
		for (i = 0; i < count && (folio = readahead_folio(rac)); i++) {
			/* one that is not filled is asked for again by who touches it */
			pm_pagefs_fill(folio, buf, (size_t)i << PAGE_SHIFT, change);
			folio_unlock(folio);
		}
		pm_buf_free(buf);
	}
}

/* The copy is locked and not up to date for a while, as one that is being fetched. */
static int pm_pagefs_migrate(struct address_space *mapping, struct folio *to, struct folio *from,
			     enum migrate_mode mode)
{
	struct pm_pagefs_inode *our = mapping->host->i_private;
	int err;

	if (!down_read_trylock(&our->copying))
		return -EAGAIN;
	err = migrate_folio(mapping, to, from, mode);
	up_read(&our->copying);
	return err;
}

static const struct address_space_operations pm_pagefs_aops = {
	.read_folio = pm_pagefs_read_folio,
	.readahead = pm_pagefs_readahead,
	.migrate_folio = pm_pagefs_migrate,
};

/* Has the file grown beyond what is known of it? Return: 0, -ENODATA, or -EAGAIN. */
static int pm_pagefs_grown(struct file *file, pgoff_t index)
{
	loff_t end = (loff_t)index << PAGE_SHIFT;
	struct inode *inode = file_inode(file);
	u64 change = pm_pagefs_change(inode);
	size_t bytes = 0;
	struct pm_buf *buf;
	int err;

	buf = pm_pagefs_fetch(file, index, 1);
	if (!IS_ERR(buf)) {
		bytes = buf->len - sizeof(struct pm_file_pages);
		pm_buf_free(buf);
	}
	if (!bytes)
		return -ENODATA;
	inode_lock(inode);
	err = pm_pagefs_change(inode) == change ? 0 : -EAGAIN;
	if (!err && end + bytes > i_size_read(inode))
		i_size_write(inode, end + bytes);
	inode_unlock(inode);
	return err;
}

/* Home may have told of a change before this node knew of the file. */
static vm_fault_t pm_pagefs_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	vm_fault_t ret = filemap_fault(vmf);

	if (ret != VM_FAULT_SIGBUS || vmf->pgoff >= MAX_LFS_FILESIZE >> PAGE_SHIFT ||
	    vmf->pgoff < DIV_ROUND_UP(i_size_read(file_inode(file)), PAGE_SIZE))
		return ret;
	switch (pm_pagefs_grown(file, vmf->pgoff)) {
	case 0:
		return filemap_fault(vmf);
	case -EAGAIN:
		/* it comes again */
		return VM_FAULT_NOPAGE;
	default:
		return ret;
	}
}

static const struct vm_operations_struct pm_pagefs_vm_ops = {
	.fault = pm_pagefs_fault,
	.map_pages = filemap_map_pages,
};

/* Private, or read-only: no page ever becomes dirty. */
static int pm_pagefs_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &pm_pagefs_vm_ops;
	return 0;
}

/* Return: what an open file knows, counted as open; or ERR_PTR. */
static struct pm_pagefs_open *pm_pagefs_open_new(struct pm_mm *mm, u32 id,
						 const struct pm_file_ident *ident)
{
	struct pm_pagefs_open *open = kmalloc(sizeof(*open), GFP_KERNEL_ACCOUNT);
	int err;

	if (!open)
		return ERR_PTR(-ENOMEM);
	err = pm_opens_add(mm->opens, id);
	if (err) {
		kfree(open);
		return ERR_PTR(err);
	}
	open->mm = pm_mm_get(mm);
	open->opens = pm_opens_get(mm->opens);
	open->id = id;
	open->ident = *ident;
	return open;
}

static void pm_pagefs_open_free(struct pm_pagefs_open *open)
{
	pm_opens_close(open->opens, open->id, open->mm);
	pm_opens_put(open->opens);
	pm_mm_put(open->mm);
	kfree(open);
}

static int pm_pagefs_release(struct inode *inode, struct file *file)
{
	pm_pagefs_open_free(file->private_data);
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
	.mmap = pm_pagefs_mmap,
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
	init_rwsem(&our->copying);
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
	open = pm_pagefs_open_new(mm, id, ident);
	if (IS_ERR(open))
		return ERR_CAST(open);
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
	/* from here on release() frees it */
	file->private_data = open;
	file->f_ra.ra_pages = PM_PAGEFS_AHEAD;
	file->f_ra.prev_pos = -1;
	return file;
free:
	pm_pagefs_open_free(open);
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
 * @mm: the child's address space, whose mappings are those of its parent
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
