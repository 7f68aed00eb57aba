// SPDX-License-Identifier: GPL-2.0
/*
 * Home: the files that the process maps, by number.
 *
 * A forked child has the table of its parent: whichever of the two maps a file next, the other may
 * inherit the mapping, or have inherited it by the time that home hears of it. The node where they
 * run counts for both, too, and says when none maps a file any more (opens.c). One that moves on to
 * a third node gets a table of its own.
 */
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "image.h"
#include "link.h"
#include "promise.h"
#include "space.h"

/**
 * struct pm_files - the table
 * @ref: one for each address space
 * @lock: protects @files and @users
 * @files: struct pm_promised by id
 * @users: struct pm_mm
 * @closes: see pm_files_closes()
 * @closing_lock: one file after the other, outside @lock
 * @closing: what @close_work is about
 * @close_work: unmaps it in all of @users; waited for by who has queued it
 */
struct pm_files {
	struct kref ref;
	struct mutex lock;	/* see above; pm_mm.zap_lock and mmap_lock nest in it */
	struct xarray files;
	struct list_head users;
	unsigned long closes;
	struct mutex closing_lock;	/* see above */
	const struct file *closing;
	struct work_struct close_work;
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

void pm_files_put(struct pm_files *files)
{
	if (files)
		kref_put(&files->ref, pm_files_release);
}

static void pm_files_use(struct pm_files *files, struct pm_mm *mm, bool use)
{
	if (!files)
		return;
	mutex_lock(&files->lock);
	if (use)
		list_add(&mm->by_files, &files->users);
	else
		list_del_init(&mm->by_files);
	mutex_unlock(&files->lock);
}

/* Let @mm have @files, whose reference it takes over. Return: what it had, with its reference. */
static struct pm_files *pm_files_swap(struct pm_mm *mm, struct pm_files *files)
{
	struct pm_files *old;

	mutex_lock(&mm->lock);
	old = mm->files;
	mm->files = files;
	mutex_unlock(&mm->lock);
	pm_files_use(old, mm, false);
	pm_files_use(files, mm, true);
	return old;
}

void pm_files_replace(struct pm_mm *mm, struct pm_files *files)
{
	pm_files_put(pm_files_swap(mm, files));
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

static void pm_files_close_work(struct work_struct *work)
{
	struct pm_files *files = container_of(work, struct pm_files, close_work);
	struct pm_mm *mm;

	mutex_lock(&files->lock);
	list_for_each_entry(mm, &files->users, by_files)
		pm_zap_file(mm, files->closing);
	mutex_unlock(&files->lock);
}

static struct pm_files *pm_files_new(void)
{
	struct pm_files *files = kzalloc(sizeof(*files), GFP_KERNEL_ACCOUNT);

	if (!files)
		return NULL;
	kref_init(&files->ref);
	mutex_init(&files->lock);
	xa_init_flags(&files->files, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&files->users);
	mutex_init(&files->closing_lock);
	INIT_WORK(&files->close_work, pm_files_close_work);
	return files;
}

/* An empty table instead of what it had: nobody elsewhere maps those. May sleep. 0 or -ENOMEM. */
int pm_files_renew(struct pm_mm *mm)
{
	struct pm_files *files = pm_files_new();

	if (!files)
		return -ENOMEM;
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

/* Add a file under number @id, or under one that is free if that is 0. Return: its number. */
static int pm_files_add(struct pm_files *files, struct file *file, u32 id)
{
	struct pm_promised *promised = pm_promised_new(file);
	int err;

	if (IS_ERR(promised))
		return PTR_ERR(promised);
	mutex_lock(&files->lock);
	if (id)
		err = xa_insert(&files->files, id, promised, GFP_KERNEL_ACCOUNT);
	else
		err = xa_alloc(&files->files, &id, promised, XA_LIMIT(1, INT_MAX),
			       GFP_KERNEL_ACCOUNT);
	mutex_unlock(&files->lock);
	if (err)
		pm_promised_free(promised);
	return err ?: id;
}

/**
 * pm_mm_file_export() - home: give a mapped file a number
 * @mm: address space
 * @file: a regular file that can be read
 *
 * The file stays open until it is said that it is mapped no more, or the process is home.
 * Context: may sleep.
 * Return: its id, a new one each time; -EACCES if it can't be read; -ENOMEM; -EBUSY;
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
	ret = pm_files_add(files, file, 0);
	pm_files_put(files);
	return ret;
}

/**
 * pm_mm_file_close() - home: a file is not mapped any more
 * @mm: address space of current; none of those that have its table maps it either
 * @id: its number, if it has one
 *
 * The mappings at home, which only stand for those, go too. It is closed when the task works of
 * current have run, if nobody else has it open.
 * Context: a user task, no locks held; sleeps, not for the network.
 */
void pm_mm_file_close(struct pm_mm *mm, u32 id)
{
	struct pm_files *files = pm_files_of(mm);
	struct pm_promised *promised;

	if (!files)
		return;
	mutex_lock(&files->lock);
	promised = xa_erase(&files->files, id);
	mutex_unlock(&files->lock);
	if (promised) {
		mutex_lock(&files->closing_lock);
		WRITE_ONCE(files->closes, files->closes + 1);
		files->closing = promised->file;
		queue_work(system_unbound_wq, &files->close_work);
		flush_work(&files->close_work);
		WRITE_ONCE(files->closes, files->closes + 1);
		mutex_unlock(&files->closing_lock);
		/* not by that work: what it lets go of it closes later */
		pm_promised_free(promised);
	}
	pm_files_put(files);
}

unsigned long pm_files_closes(struct pm_mm *mm)
{
	struct pm_files *files = pm_files_of(mm);
	unsigned long closes = files ? READ_ONCE(files->closes) : 0;

	pm_files_put(files);
	return closes;
}

int pm_files_list(struct pm_mm *mm, struct xarray *set)
{
	struct pm_files *files = pm_files_of(mm);
	struct pm_promised *promised;
	unsigned long index;
	int err = 0;

	if (!files)
		return 0;
	mutex_lock(&files->lock);
	xa_for_each(&files->files, index, promised)
		err = err ?: xa_err(xa_store(set, (unsigned long)promised->file, promised,
					     GFP_KERNEL));
	mutex_unlock(&files->lock);
	pm_files_put(files);
	return err;
}

static __le64 pm_time_to_wire(struct timespec64 time)
{
	return cpu_to_le64(timespec64_to_ns(&time));
}

struct file *pm_files_promised(struct pm_mm *mm, u32 id, u32 node, struct pm_file_ident *ident)
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
	pm_files_put(files);
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
	if (mapping_writably_mapped(file->f_mapping) || !mapping_can_writeback(file->f_mapping) ||
	    inode_is_open_for_write(inode) || pm_file_fresh(inode, &stat))
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

/* A file of @mm, as an image has it: enter it into @files, and fill in its identity. */
static int pm_files_pass(struct pm_mm *mm, struct pm_files *files, struct pm_img_file *img)
{
	u32 id = le32_to_cpu(img->id);
	struct file *file = pm_files_get(mm, id);
	int err;

	if (!file)
		return -EPROTO;
	err = pm_files_add(files, file, id);
	fput(file);
	if (err < 0)
		return err == -EBUSY ? -EPROTO : err;
	return pm_mm_file_ident(mm, id, &img->ident);
}

/**
 * pm_mm_file_vouch() - home: put the true identities of files into an image that passes through
 * @mm: address space, offered to where it goes
 * @image: from the node that the process ran on, which may say what it likes
 * @len: its length
 * @old: on success the table that it has had, with a reference: if it does not go, it is to have
 *	that again (pm_files_replace()). Now it has one of its own, of the files in the image
 *
 * The pages of a file are shared by all guests on a node: nobody but home says whose they are.
 * Context: may sleep. Return: 0, -EPROTO, or as pm_mm_file_ident().
 */
int pm_mm_file_vouch(struct pm_mm *mm, void *image, size_t len, struct pm_files **old)
{
	struct pm_files *files = pm_files_new();
	struct pm_dec dec;
	const void *data;
	size_t size;
	u32 tag;
	int err = 0;

	if (!files)
		return -ENOMEM;
	pm_dec_init(&dec, image, len);
	while (!err && pm_dec_next(&dec, &tag, &data, &size)) {
		if (tag == PM_TAG_MEM_FILE)
			err = size == sizeof(struct pm_img_file) ?
			      pm_files_pass(mm, files, image + (data - image)) : -EPROTO;
	}
	err = err ?: dec.err;
	if (err)
		pm_files_put(files);
	else
		*old = pm_files_swap(mm, files);
	return err;
}
