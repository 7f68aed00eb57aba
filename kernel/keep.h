/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared memory to which others at home can come at any time, by its name or its number: files that
 * are mapped to be written, POSIX and System V shared memory.
 *
 * While it is away home keeps watch (keep.c): who opens or attaches it waits until the processes
 * have been called home. When the last of these ends elsewhere, or unmaps it, what is in it stays
 * there until home has taken it (linger.c).
 */
#ifndef PM_KEEP_H
#define PM_KEEP_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct fsnotify_mark;
struct pm_chan;
struct pm_mm;
struct pm_object;

/**
 * struct pm_kept - an object that is away, or is being fetched
 * @ref: lifetime: the table, and who uses it
 * @entry: in the table of keep.c; not hashed when it is at home
 * @file: it, a reference as long as it is in the table
 * @home: it is at home, and nobody waits any more
 * @key: see struct pm_img_object
 * @away: address spaces that have it away
 * @back: one of them has come home with it
 * @nodes: where what is in it may be, the likeliest first; 0 for none
 * @mark: makes who opens it wait, counted; NULL for a System V segment
 * @watched: struct pm_watched, the files by which it is mapped
 * @call: calls those home who have it away; holds a reference
 * @fetch: takes what was left elsewhere
 */
struct pm_kept {
	struct kref ref;
	struct hlist_node entry;
	struct file *file;
	bool home;
	u64 key;
	unsigned int away;
	bool back;
	u32 nodes[2];
	struct fsnotify_mark *mark;
	struct list_head watched;
	struct work_struct call;
	struct work_struct fetch;
};

/**
 * struct pm_watched - a file of which the operations have been replaced
 * @entry: in pm_kept.watched
 * @file: a reference
 * @real: its own operations
 */
struct pm_watched {
	struct list_head entry;
	struct file *file;
	const struct file_operations *real;
};

/* ---- home: keep.c ---- */

/*
 * pm_object_guard() - an object that is to leave is watched from now on
 * @mm: its address space; @id: number of the object
 * Context: sleeps, no locks held. Return: 0, also if it need not be; -EBUSY it is on its way home
 * from where it has been; -ENOMEM.
 */
int pm_object_guard(struct pm_mm *mm, u32 id);
/*
 * pm_object_unguard() - this address space does not have it away any more
 * @back: what is in it is here. If nobody else has it away either, it is fetched if it is not.
 * Context: sleeps. Caller holds pm_mm.lock, or @object cannot go. Nothing happens if not guarded.
 */
void pm_object_unguard(struct pm_mm *mm, struct pm_object *object, bool back);
/* The same for all; @came: those that the image had are here; false: none has ever left. */
void pm_objects_unguard(struct pm_mm *mm, bool came);
/* References to @file that the watch holds. Any context. */
long pm_kept_refs(const struct file *file);
/* Is there any? Any context. */
bool pm_kept_any(void);
/* That of a file, or the first for which @is() says so, with a reference, or NULL. Any context. */
struct pm_kept *pm_kept_of(const struct file *file);
struct pm_kept *pm_kept_get(bool (*is)(const struct pm_kept *kept, const void *arg),
			    const void *arg);
void pm_kept_put(struct pm_kept *kept);
/*
 * pm_kept_await() - wait until it is at home; call those who have it
 * Context: sleeps, killable; locks may be held that no move takes.
 * Return: 0, -EINTR, -EBUSY they do not come, or -EAGAIN: the caller's program is away itself, and
 * has to make its call at home.
 */
int pm_kept_await(struct pm_kept *kept);
/* For guard.c, under the lock: one more file. */
void pm_kept_add(struct pm_kept *kept, struct pm_watched *watched);
int pm_keep_init(void);
void pm_keep_exit(void);	/* no process is away any more; waits for what is being fetched */

/* ---- home: keep_fetch.c ---- */

/* Fetch what is in it from where it was left; what is lost is logged. Context: a worker; sleeps. */
void pm_kept_take(struct pm_kept *kept);

/* ---- home: guard.c ---- */

/*
 * pm_watch() - who comes to the object waits from now on
 * Those files by which it is mapped are watched too. Context: sleeps; the lock is held.
 * Return: 0, -ENOMEM, or what fsnotify says.
 */
int pm_watch(struct pm_kept *kept);
/* Who had come before that is through. Context: sleeps, no locks held. Return: 0 or -EINTR. */
int pm_watch_begun(const struct file *file);
void pm_unwatch(struct pm_kept *kept);	/* the files stay in the list */
/* The operations that a file has when it is not watched. */
const struct file_operations *pm_file_ops(const struct file *file);
int pm_guard_init(void);
void pm_guard_exit(void);

/* ---- remote: linger.c, with the list in object.c ---- */

/* An object has been left behind for @home to take: if there is a link. Context: may sleep. */
void pm_linger_added(u32 home);
/*
 * object.c: what is left of an object of @home, when no process here has it any more; NULL:
 * nothing, or @chan has died. To be given back by pm_linger_done(): @taken if home has all of it,
 * else it goes on lingering. Context: a kernel thread; sleeps.
 */
struct pm_object *pm_linger_wait(u32 home, u64 key, struct pm_chan *chan);
void pm_linger_done(struct pm_object *left, bool taken);
void pm_linger_forget(u32 home, u64 key);	/* see there */

/* ---- object_page.c ---- */

/* Writes pages of files, for which others wait who may have places in other queues; keep.c's. */
extern struct workqueue_struct *pm_file_wq;

/*
 * pm_kept_page() - home: put a page of an object in place that has no process any more
 * @file: the object; @offset: page aligned; @data: PAGE_SIZE bytes
 * Context: sleeps. Return: 0 or an error of the filesystem.
 */
int pm_kept_page(struct file *file, u64 offset, const void *data);

#endif
