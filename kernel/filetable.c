// SPDX-License-Identifier: GPL-2.0
/*
 * Home: the files that the process maps, by number, and reading them for the sink.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include "space.h"

/**
 * pm_mm_file_export() - home: give a mapped file a number
 * @mm: address space
 * @file: a regular file that can be read
 *
 * The file stays open as long as @mm or until pm_files_drop().
 * Context: may sleep.
 * Return: its id, the same for the same inode; -EACCES if it can't be read; -ENOMEM; -EBUSY.
 */
int pm_mm_file_export(struct pm_mm *mm, struct file *file)
{
	struct file *pos;
	unsigned long index;
	u32 id;
	int err;

	if (!(file->f_mode & FMODE_READ) || !file->f_op->read_iter || file->f_op->read)
		return -EACCES;
	mutex_lock(&mm->lock);
	xa_for_each(&mm->files, index, pos) {
		if (file_inode(pos) == file_inode(file)) {
			err = index;
			goto unlock;
		}
	}
	err = xa_alloc(&mm->files, &id, file, XA_LIMIT(1, INT_MAX), GFP_KERNEL_ACCOUNT);
	if (!err) {
		get_file(file);
		err = id;
	}
unlock:
	mutex_unlock(&mm->lock);
	return err;
}

static __le64 pm_time_to_wire(struct timespec64 time)
{
	return cpu_to_le64(timespec64_to_ns(&time));
}

/**
 * pm_mm_file_ident() - home: what tells this state of the file from another
 * @file: the file
 * @ident: filled in
 *
 * Context: may sleep. Return: 0 or an error of the filesystem.
 */
int pm_mm_file_ident(struct file *file, struct pm_file_ident *ident)
{
	static atomic_t unique = ATOMIC_INIT(0);
	struct inode *inode = file_inode(file);
	u64 gen = inode->i_generation;
	struct kstat stat;
	int err;

	err = vfs_getattr(&file->f_path, &stat, STATX_BASIC_STATS, AT_STATX_SYNC_AS_STAT);
	if (err)
		return err;
	ident->dev = cpu_to_le64(inode->i_sb->s_dev);
	ident->ino = cpu_to_le64(inode->i_ino);
	/* what is stored through a mapping changes no time for long: that state is nobody else's */
	if (mapping_writably_mapped(file->f_mapping))
		gen |= (u64)(u32)atomic_inc_return(&unique) << 32;
	ident->gen = cpu_to_le64(gen);
	ident->ctime = pm_time_to_wire(stat.ctime);
	ident->mtime = pm_time_to_wire(stat.mtime);
	ident->size = cpu_to_le64(stat.size);
	return 0;
}

/* The file of @id with a reference, or NULL. May sleep. */
struct file *pm_files_get(struct pm_mm *mm, u32 id)
{
	struct file *file;

	mutex_lock(&mm->lock);
	file = xa_load(&mm->files, id);
	if (file)
		get_file(file);
	mutex_unlock(&mm->lock);
	return file;
}

/* Close all files: nobody elsewhere maps them any more. May sleep. */
void pm_files_drop(struct pm_mm *mm)
{
	struct file *file;
	unsigned long index;

	mutex_lock(&mm->lock);
	xa_for_each(&mm->files, index, file) {
		xa_erase(&mm->files, index);
		fput(file);
	}
	xa_destroy(&mm->files);
	mutex_unlock(&mm->lock);
}

/* Bytes read, fewer than @len only at the end of the file, or negative errno. */
static ssize_t pm_files_read(struct file *file, void *data, size_t len, loff_t pos)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = kernel_read(file, data + done, len - done, &pos);

		if (n < 0)
			return n;
		if (!n)
			break;
		done += n;
	}
	return done;
}

/*
 * Answer a struct pm_file_fetch. @page_buf: room for PM_FETCH_PAGES pages.
 * Return: 0, -EPROTO for a malformed request, or an error of the channel.
 */
int pm_files_serve(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req,
		   void *page_buf)
{
	const struct pm_file_fetch *fetch = (const void *)req->data;
	struct pm_file_pages head = {};
	struct file *file;
	ssize_t n = -ENOENT;
	u64 index;
	u32 count;

	if (req->len != sizeof(*fetch))
		return -EPROTO;
	index = le64_to_cpu(fetch->index);
	count = le32_to_cpu(fetch->count);
	if (!count || count > PM_FETCH_PAGES || index > (MAX_LFS_FILESIZE >> PAGE_SHIFT) - count)
		return -EPROTO;
	file = pm_files_get(mm, le32_to_cpu(fetch->file));
	if (file) {
		n = pm_files_read(file, page_buf, (size_t)count << PAGE_SHIFT, index << PAGE_SHIFT);
		fput(file);
	}
	if (n < 0)
		head.err = cpu_to_le32(-n);
	else
		head.bytes = cpu_to_le32(n);
	return pm_chan_send(chan, PM_MSG_FILE_PAGES, req->seq, &head, sizeof(head), page_buf,
			    n > 0 ? n : 0);
}
