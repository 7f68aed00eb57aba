// SPDX-License-Identifier: GPL-2.0
/*
 * Home: the files that the process maps, by number, and reading them for the sink.
 *
 * A forked child has the table of its parent: whichever of the two maps a file next, the other may
 * inherit the mapping, or have inherited it by the time that home hears of it.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include "image.h"
#include "link.h"
#include "promise.h"
#include "space.h"

/**
 * struct pm_files - the table
 * @ref: one for each address space
 * @lock: protects @files
 * @files: struct pm_promised by id
 */
struct pm_files {
	struct kref ref;
	struct mutex lock;	/* see above */
	struct xarray files;
};

static void pm_files_release(struct kref *ref)
{
	struct pm_files *files = container_of(ref, struct pm_files, ref);
	struct pm_promised *promised;
	unsigned long index;

	xa_for_each(&files->files, index, promised)
		pm_promised_free(promised);
	xa_destroy(&files->files);
	kfree(files);
}

/* Let @mm have @files, whose reference it takes over, instead of its own. */
static void pm_files_replace(struct pm_mm *mm, struct pm_files *files)
{
	struct pm_files *old;

	mutex_lock(&mm->lock);
	old = mm->files;
	mm->files = files;
	mutex_unlock(&mm->lock);
	if (old)
		kref_put(&old->ref, pm_files_release);
}

/* The table of @mm with a reference, or NULL if it has none yet. */
static struct pm_files *pm_files_of(struct pm_mm *mm)
{
	struct pm_files *files;

	mutex_lock(&mm->lock);
	files = mm->files;
	if (files)
		kref_get(&files->ref);
	mutex_unlock(&mm->lock);
	return files;
}

/* An empty table instead of what it had: nobody elsewhere maps those. May sleep. 0 or -ENOMEM. */
int pm_files_renew(struct pm_mm *mm)
{
	struct pm_files *files = kzalloc(sizeof(*files), GFP_KERNEL_ACCOUNT);

	if (!files)
		return -ENOMEM;
	kref_init(&files->ref);
	mutex_init(&files->lock);
	xa_init_flags(&files->files, XA_FLAGS_ALLOC1);
	pm_files_replace(mm, files);
	return 0;
}

/* The forked child @mm has the table of @from. May sleep. */
void pm_files_share(struct pm_mm *mm, struct pm_mm *from)
{
	pm_files_replace(mm, pm_files_of(from));
}

/* Nobody will ask any more. May sleep. */
void pm_files_drop(struct pm_mm *mm)
{
	pm_files_replace(mm, NULL);
}

/* Under the lock. */
static int pm_files_add_new(struct pm_files *files, struct file *file)
{
	struct pm_promised *promised = pm_promised_new(file);
	u32 id;
	int err;

	if (IS_ERR(promised))
		return PTR_ERR(promised);
	err = xa_alloc(&files->files, &id, promised, XA_LIMIT(1, INT_MAX), GFP_KERNEL_ACCOUNT);
	if (err)
		pm_promised_free(promised);
	return err ?: id;
}

static int pm_files_add(struct pm_files *files, struct file *file)
{
	struct pm_promised *pos;
	unsigned long index;
	int ret = 0;

	mutex_lock(&files->lock);
	xa_for_each(&files->files, index, pos) {
		if (file_inode(pos->file) == file_inode(file) &&
		    pos->file->f_path.mnt == file->f_path.mnt &&
		    !((pos->file->f_mode ^ file->f_mode) & FMODE_WRITE)) {
			ret = index;
			break;
		}
	}
	if (!ret)
		ret = pm_files_add_new(files, file);
	mutex_unlock(&files->lock);
	return ret;
}

/**
 * pm_mm_file_export() - home: give a mapped file a number
 * @mm: address space
 * @file: a regular file that can be read
 *
 * The file stays open as long as @mm and those that were forked from it, or until they leave home
 * again.
 * Context: may sleep.
 * Return: its id, the same for the same inode; -EACCES if it can't be read; -ENOMEM; -EBUSY;
 * -ESRCH if it has never left home.
 */
int pm_mm_file_export(struct pm_mm *mm, struct file *file)
{
	struct pm_files *files;
	int ret;

	if (!(file->f_mode & FMODE_READ) || !file->f_op->read_iter || file->f_op->read)
		return -EACCES;
	files = pm_files_of(mm);
	if (!files)
		return -ESRCH;
	ret = pm_files_add(files, file);
	kref_put(&files->ref, pm_files_release);
	return ret;
}

static __le64 pm_time_to_wire(struct timespec64 time)
{
	return cpu_to_le64(timespec64_to_ns(&time));
}

/*
 * The file of @id with a reference, or ERR_PTR. @node, unless 0, is promised to hear of changes;
 * @ident, unless NULL, gets the file's numbers.
 */
static struct file *pm_files_promised(struct pm_mm *mm, u32 id, u32 node,
				      struct pm_file_ident *ident)
{
	struct pm_files *files = pm_files_of(mm);
	struct file *file = ERR_PTR(-ENOENT);
	struct pm_promised *promised;
	int err;

	if (!files)
		return file;
	mutex_lock(&files->lock);
	promised = xa_load(&files->files, id);
	if (promised) {
		err = node ? pm_promise_give(promised, node) : 0;
		file = err ? ERR_PTR(err) : get_file(promised->file);
		if (ident) {
			ident->dev = cpu_to_le64(promised->dev);
			ident->ino = cpu_to_le64(promised->ino);
		}
	}
	mutex_unlock(&files->lock);
	kref_put(&files->ref, pm_files_release);
	return file;
}

/* The file of @id with a reference, or NULL. May sleep. */
struct file *pm_files_get(struct pm_mm *mm, u32 id)
{
	struct file *file = pm_files_promised(mm, id, 0, NULL);

	return IS_ERR(file) ? NULL : file;
}

/* Has it changed so lately that a change now could leave it the same times? */
static bool pm_file_fresh(const struct inode *inode, const struct kstat *stat)
{
	s64 grain = max_t(s64, inode->i_sb->s_time_gran, TICK_NSEC);

	/* a time in the future tells nothing either */
	return (s64)(ktime_get_real_ns() - timespec64_to_ns(&stat->ctime)) < 2 * grain;
}

/* What tells this state of a file from another. */
static int pm_file_state(struct file *file, struct pm_file_ident *ident)
{
	static atomic_t unique = ATOMIC_INIT(0);
	struct inode *inode = file_inode(file);
	u64 gen = inode->i_generation;
	struct kstat stat;
	int err;

	err = vfs_getattr(&file->f_path, &stat, STATX_BASIC_STATS, AT_STATX_SYNC_AS_STAT);
	if (err)
		return err;
	/* times may not tell of what is stored now, or has just been: it is nobody else's */
	if (mapping_writably_mapped(file->f_mapping) || inode_is_open_for_write(inode) ||
	    pm_file_fresh(inode, &stat))
		gen |= (u64)(u32)atomic_inc_return(&unique) << 32;
	ident->gen = cpu_to_le64(gen);
	ident->ctime = pm_time_to_wire(stat.ctime);
	ident->mtime = pm_time_to_wire(stat.mtime);
	ident->size = cpu_to_le64(stat.size);
	return 0;
}

/**
 * pm_mm_file_ident() - home: what tells this state of a file from another
 * @mm: address space, on a node or offered to one, which is promised to hear of changes
 * @id: number of the file
 * @ident: filled in
 *
 * Context: may sleep. Return: 0, -ENOENT no such file, -ENOMEM, or an error of the filesystem.
 */
int pm_mm_file_ident(struct pm_mm *mm, u32 id, struct pm_file_ident *ident)
{
	struct file *file;
	u32 node;
	int err;

	mutex_lock(&mm->lock);
	node = mm->next ?: mm->sink;
	mutex_unlock(&mm->lock);
	file = pm_files_promised(mm, id, node, ident);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = pm_file_state(file, ident);
	fput(file);
	return err;
}

/**
 * pm_mm_file_vouch() - home: put the true identities of files into an image that passes through
 * @mm: address space, offered to where it goes
 * @image: from the node that the process ran on, which may say what it likes
 * @len: its length
 *
 * The pages of a file are shared by all guests on a node: nobody but home says whose they are.
 * Context: may sleep. Return: 0, -EPROTO, or as pm_mm_file_ident().
 */
int pm_mm_file_vouch(struct pm_mm *mm, void *image, size_t len)
{
	struct pm_img_file *img;
	struct pm_dec dec;
	const void *data;
	size_t size;
	u32 tag;
	int err = 0;

	pm_dec_init(&dec, image, len);
	while (!err && pm_dec_next(&dec, &tag, &data, &size)) {
		if (tag != PM_TAG_MEM_FILE)
			continue;
		if (size != sizeof(*img))
			return -EPROTO;
		img = image + (data - image);
		err = pm_mm_file_ident(mm, le32_to_cpu(img->id), &img->ident);
	}
	return err == -ENOENT ? -EPROTO : err ?: dec.err;
}

/* As a page fault does, whatever the program has opened the file for. */
static ssize_t pm_files_read_some(struct file *file, void *data, size_t len, loff_t pos)
{
	struct kvec vec = { .iov_base = data, .iov_len = len };
	struct iov_iter iter;
	struct kiocb iocb;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	init_sync_kiocb(&iocb, file);
	iocb.ki_flags &= ~IOCB_DIRECT;
	iocb.ki_pos = pos;
	return vfs_iocb_iter_read(file, &iocb, &iter);
}

/* Bytes read, fewer than @len only at the end of the file, or negative errno. */
static ssize_t pm_files_read(struct file *file, void *data, size_t len, loff_t pos)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pm_files_read_some(file, data + done, len - done, pos + done);

		if (n < 0)
			return n;
		if (!n)
			break;
		done += n;
	}
	return done;
}

/* The same for @node, to which a promise may have been broken meanwhile. */
static ssize_t pm_files_read_for(struct pm_mm *mm, u32 id, u32 node, void *data, size_t len,
				 loff_t pos)
{
	struct file *file = pm_files_promised(mm, id, node, NULL), *again;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = pm_files_read(file, data, len, pos);
	fput(file);
	again = pm_files_promised(mm, id, node, NULL);
	if (IS_ERR(again))
		return PTR_ERR(again);
	fput(again);
	return n;
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
	ssize_t n;
	u64 index;
	u32 count;

	if (req->len != sizeof(*fetch))
		return -EPROTO;
	index = le64_to_cpu(fetch->index);
	count = le32_to_cpu(fetch->count);
	if (!count || count > PM_FETCH_PAGES || index > (MAX_LFS_FILESIZE >> PAGE_SHIFT) - count)
		return -EPROTO;
	n = pm_files_read_for(mm, le32_to_cpu(fetch->file), pm_link_node(chan->link), page_buf,
			      (size_t)count << PAGE_SHIFT, index << PAGE_SHIFT);
	if (n < 0)
		head.err = cpu_to_le32(-n);
	else
		head.bytes = cpu_to_le32(n);
	return pm_chan_send(chan, PM_MSG_FILE_PAGES, req->seq, &head, sizeof(head), page_buf,
			    n > 0 ? n : 0);
}
